import { describe, expect, it } from 'vitest';
import { RequestError, type Conversation, type Message, type MessagePage } from '../../sdk';
import { Heights } from '../src/lib/heights';
import { Roll } from '../src/lib/roll.svelte';
import { Thread } from '../src/lib/thread.svelte';
import { conversation, message, settle } from './make';

const size = 10_000;

function server(count = size) {
  const messages: Message[] = Array.from({ length: count }, (_, i) => message(i + 1));
  const state = { asked: 0, gone: false };
  const head: Conversation = conversation({ seq: count, contact_seq: count, agent_read_seq: count });
  const api = {
    conversation: () =>
      state.gone
        ? Promise.reject(new RequestError('permanent', 404, 'not_found', 'gone', 'r'))
        : Promise.resolve({
            conversation: head,
            contact_online: false,
            prepared: { uid: '77' },
            reply_email: 'a@mail.example',
            rating: null,
          }),
    messages: (
      _id: string,
      { since, before, limit = 50 }: { since?: number; before?: number; limit?: number } = {},
    ): Promise<MessagePage> => {
      state.asked++;
      if (since !== undefined) {
        const found = messages.slice(since, since + limit);
        return Promise.resolve({ messages: found, more: since + limit < messages.length });
      }
      const end = before === undefined ? messages.length : before - 1;
      const from = Math.max(0, end - limit);
      return Promise.resolve({ messages: messages.slice(from, end), more: from > 0 });
    },
    read: () => Promise.resolve(),
  };
  return { api, state, messages };
}

const span = (t: Thread) => [t.messages[0]?.seq, t.messages.at(-1)?.seq];

describe('a conversation of 10,000 messages', () => {
  it('opens at the end with one page', async () => {
    const { api, state } = server();
    const t = new Thread('1', api);
    await t.load();
    expect([state.asked, ...span(t)]).toEqual([1, size - 49, size]);
    expect([t.prepared['uid'], t.replyEmail]).toEqual(['77', 'a@mail.example']);
  });

  it('a message near the end is reached with everything between', async () => {
    const { api } = server();
    const t = new Thread('1', api);
    await t.load();
    await t.jump(size - 300);
    expect(t.target.seq).toBe(size - 300);
    expect(t.hasNewer).toBe(false);
    expect(t.messages.some((m) => m.seq === size - 300)).toBe(true);
    expect(t.messages.at(-1)?.seq).toBe(size);
  });

  it('a message long ago is reached with one page around it, and the way back is open', async () => {
    const { api, state } = server();
    const t = new Thread('1', api);
    await t.load();
    await t.jump(1_234);
    expect(state.asked).toBe(2);
    expect(span(t)).toEqual([1_209, 1_258]);
    expect([t.hasOlder, t.hasNewer]).toEqual([true, true]);
    await t.loadOlder();
    await t.loadNewer();
    expect(span(t)).toEqual([1_159, 1_308]);
    t.add(message(size + 1));
    expect(span(t)).toEqual([1_159, 1_308]);
    t.toLatest();
    expect(span(t)).toEqual([size - 49, size + 1]);
    expect(t.hasNewer).toBe(false);
  });

  it('reading on from long ago meets the newest without a hole', async () => {
    const { api } = server(700);
    const t = new Thread('1', api);
    await t.load();
    await t.jump(100);
    for (let i = 0; i < 20 && t.hasNewer; i++) await t.loadNewer();
    const seqs = t.messages.map((m) => m.seq);
    expect(seqs.at(-1)).toBe(700);
    expect(seqs.every((s, i) => i === 0 || s === (seqs[i - 1] ?? 0) + 1)).toBe(true);
  });

  it('a sequence that is not there changes nothing', async () => {
    const { api } = server(60);
    const t = new Thread('1', api);
    await t.load();
    await t.jump(99);
    expect(t.target.seq).toBe(0);
  });

  it('a conversation that may not be read any more says so and keeps what is on screen', async () => {
    const { api, state } = server(60);
    const t = new Thread('1', api);
    await t.load();
    state.gone = true;
    await t.catchUp();
    expect(t.gone).toBe('removed');
    expect(t.messages).not.toHaveLength(0);
  });

  it('delivered is what reached a customer who was there', async () => {
    const { api } = server(60);
    const t = new Thread('1', api);
    await t.load();
    expect(t.deliveredSeq).toBe(0);
    t.contactOnline = true;
    t.add(message(61, { author_kind: 'agent' }));
    t.contactOnline = false;
    t.add(message(62, { author_kind: 'agent' }));
    expect(t.deliveredSeq).toBe(61);
    await settle();
  });
});

describe('where rows lie', () => {
  it('a guess until measured, and what was measured of a row is remembered when others come above', () => {
    const h = new Heights(50);
    h.set([3, 4]);
    expect(h.total).toBe(100);
    expect(h.measure(4, 80)).toBe(true);
    expect(h.measure(4, 80)).toBe(false);
    h.set([1, 2, 3, 4]);
    expect([h.top(0), h.top(3), h.total]).toEqual([0, 150, 230]);
    expect([h.rowAt(-5), h.rowAt(49), h.rowAt(50), h.rowAt(9_999)]).toEqual([0, 0, 1, 3]);
    expect(h.range(60, 100)).toEqual([1, 4]);
    expect([h.indexOf(3), h.indexOf(9)]).toEqual([2, -1]);
    expect(new Heights(50).range(0, 100)).toEqual([0, 0]);
  });

  it('10,000 rows are laid out and looked up in no time', () => {
    const h = new Heights(72);
    const keys = Array.from({ length: size }, (_, i) => i + 1);
    const begun = performance.now();
    h.set(keys);
    for (let i = 1; i <= 200; i++) {
      h.measure(i, 60 + (i % 40));
      h.range(i * 3_000, 900);
    }
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(h.range(h.total - 900, 900)[1]).toBe(size);
  });
});

// jsdom lays nothing out: a window of 600 pixels whose rows are 100 pixels high, as far as the list is concerned.
describe('a thread that is scrolled', () => {
  const rowHeight = 100;

  function rolled(keys: number[]) {
    const viewport = document.createElement('div');
    const list = document.createElement('div');
    const roll = new Roll();
    const total = () => roll.above + (roll.range[1] - roll.range[0]) * rowHeight + roll.below;
    let scrollTop = 0;
    Object.defineProperties(viewport, {
      clientHeight: { get: () => 600 },
      scrollHeight: { get: () => Math.max(600, total()) },
      scrollTop: {
        get: () => scrollTop,
        set: (to: number) => {
          scrollTop = Math.min(Math.max(0, to), Math.max(0, total() - 600));
        },
      },
    });
    const held = new Map<number, { destroy: () => void }>();
    let all = keys;
    /** What Svelte does: the rows of the range are on the page, the others are not. */
    const render = () => {
      const shown = new Set(all.slice(roll.range[0], roll.range[1]));
      for (const [key, row] of held)
        if (!shown.has(key)) {
          row.destroy();
          held.delete(key);
        }
      for (const key of shown)
        if (!held.has(key)) {
          const element = document.createElement('div');
          element.getBoundingClientRect = () => ({ height: rowHeight }) as DOMRect;
          held.set(key, roll.row(element, key));
        }
    };
    const set = (next: number[]) => {
      all = next;
      roll.set(next);
      for (let i = 0; i < 6; i++) {
        render();
        roll.settle();
      }
    };
    roll.attach(viewport, list);
    set(keys);
    const scroll = (to: number) => {
      viewport.scrollTop = to;
      for (let i = 0; i < 3; i++) {
        roll.scrolled();
        render();
      }
      roll.settle();
    };
    /** The first row in the window, and how far below its top it is. */
    const top = () => {
      const y = viewport.scrollTop - roll.above;
      return { key: all[roll.range[0] + Math.floor(y / rowHeight)], into: Math.round(y % rowHeight) };
    };
    return { roll, viewport, set, scroll, top, held };
  }
  const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  it('begins at the end with few rows on the page', () => {
    const { roll, viewport, held } = rolled(upTo(1, size));
    expect(roll.range[1]).toBe(size);
    expect(held.size).toBeLessThan(60);
    expect(viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight).toBeLessThan(2);
  });

  it('follows what comes while one is at the end', () => {
    const { roll, viewport, set } = rolled(upTo(1, 100));
    set(upTo(1, 103));
    expect(roll.atEnd).toBe(true);
    expect(viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight).toBeLessThan(2);
  });

  it('keeps the row that one reads in its place when older ones load above and newer come below', () => {
    const { set, scroll, top, roll } = rolled(upTo(51, 200));
    scroll(4_030);
    const before = top();
    expect(roll.atEnd).toBe(false);
    set(upTo(1, 203));
    expect(top()).toEqual(before);
  });

  it('brings any row into view', () => {
    const { roll, viewport, scroll } = rolled(upTo(1, size));
    expect(roll.show(5_000)).toBe(true);
    expect(roll.range[0]).toBeLessThanOrEqual(4_999);
    expect(roll.range[1]).toBeGreaterThanOrEqual(5_000);
    scroll(viewport.scrollTop);
    expect(roll.show(size + 1)).toBe(false);
  });
});
