import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from './errors';
import { fileLost, fileReady, fileRefused, fileRemoved } from './send_files';
import { SendQueue, type Outgoing, type OutgoingFile, type OutboxStore } from './send_queue';
import { accepted } from './test/messages';
import { Chance } from './test/random';
import type { Accepted } from './types';

const file = (key: string, id?: string): OutgoingFile => ({
  key,
  name: `${key}.png`,
  size: 10,
  mime: 'image/png',
  modified: 1,
  ...(id && { id }),
});
const virus = { kind: 'permanent', code: 'refused', message: 'A virus was found.' } as const;
const settle = () => vi.advanceTimersByTimeAsync(0);

class Memory implements OutboxStore {
  constructor(readonly map = new Map<string, Outgoing>()) {}
  load = () => [...this.map.values()];
  save = (i: Outgoing) => void this.map.set(i.clientId, structuredClone(i));
  remove = (id: string) => void this.map.delete(id);
}

let sent: { body: string; files: (string | undefined)[]; start: boolean; conversation: string }[];
let store: Memory;
let q: SendQueue;
const make = () =>
  new SendQueue({
    store,
    random: () => 0.5,
    deliver: async (i) => {
      const files = i.files?.map((f) => f.id) ?? [];
      sent.push({ body: i.body, files, start: i.start !== undefined, conversation: i.conversation });
      return accepted(i.clientId, sent.length);
    },
  });
const said = () => sent.map((s) => [s.body, ...s.files].join(' '));

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  store = new Memory();
  q = make();
});
afterEach(() => vi.useRealTimers());

describe('a message with files', () => {
  it('goes as one when its files are there already', async () => {
    q.send('7', 'see here', [file('a', 'u1'), file('b', 'u2')]);
    await settle();
    expect(said()).toEqual(['see here u1 u2']);
  });

  it('does not keep its words waiting for the files: they follow, together, once', async () => {
    q.send('7', 'my money is gone', [file('a'), file('b', 'u2')]);
    q.send('7', 'please hurry');
    await settle();
    expect(said()).toEqual(['my money is gone', 'please hurry']);
    expect(q.pending('7').map((i) => i.state)).toEqual(['uploading']);
    fileReady(q, 'a', 'u1');
    fileReady(q, 'a', 'u1');
    await settle();
    expect(said()).toEqual(['my money is gone', 'please hurry', ' u1 u2']);
    expect(q.all()).toEqual([]);
  });

  it('opens a conversation by itself, unless words come first: then they do', async () => {
    const first = q.start('', { scenario: 'how_to' }, [file('a')]);
    await settle();
    expect(sent).toEqual([]);
    q.send(first.conversation, 'it is this picture');
    await settle();
    fileReady(q, 'a', 'u1');
    await settle();
    expect(sent.map((s) => [s.body, s.start, s.conversation])).toEqual([
      ['it is this picture', true, first.conversation],
      ['', false, '7'],
    ]);
  });

  it('leaves the others alone when one file is refused, and says which and why', async () => {
    q.send('7', '', [file('a'), file('bad'), file('c', 'u3')]);
    fileRefused(q, 'bad', virus);
    fileReady(q, 'a', 'u1');
    await settle();
    expect(said()).toEqual([' u1 u3']);
    expect(q.pending('7')).toMatchObject([{ state: 'failed', files: [{ key: 'bad' }], problem: virus }]);
  });

  it('goes without a file that is taken out, and not at all when nothing is left', async () => {
    q.send('7', '', [file('a'), file('b')]);
    fileRemoved(q, 'a');
    expect(q.pending('7')).toHaveLength(1);
    fileRemoved(q, 'b');
    await settle();
    expect([sent, q.all(), store.load()]).toEqual([[], [], []]);
  });

  it('lets the next message open the conversation when the files that should have are given up', async () => {
    const first = q.start('', { scenario: 'how_to' }, [file('a')]);
    q.start('', {}, [file('z')]);
    fileRefused(q, 'a', virus);
    q.send(first.conversation, 'never mind the picture');
    await settle();
    expect(sent).toMatchObject([{ body: 'never mind the picture', start: true }]);
    q.discard(first.clientId);
    expect(q.all()).toHaveLength(1);
  });

  it('waits again when the server has lost a file that it had', async () => {
    q.send('7', '', [file('a', 'u1'), file('b')]);
    fileLost(q, 'a', 'a2');
    fileReady(q, 'b', 'u2');
    await settle();
    expect(sent).toEqual([]);
    fileReady(q, 'a2', 'u9');
    await settle();
    expect(said()).toEqual([' u9 u2']);
  });

  it('knows after a reload which files are still missing, and sends once they are there', async () => {
    q.send('7', '', [file('a'), file('b', 'u2')]);
    q.close();
    q = make();
    q.resume();
    await settle();
    expect(sent).toEqual([]);
    fileReady(q, 'a', 'u1');
    await settle();
    expect(said()).toEqual([' u1 u2']);
  });
});

describe('whose messages they are', () => {
  const offline = () => new RequestError('offline', 0, '', 'no network', 'r');
  let fail = true;
  let as: string[];
  const make = () =>
    new SendQueue({
      store,
      random: () => 0.5,
      deliver: async (i): Promise<Accepted> => {
        if (fail) throw offline();
        as.push(`${i.owner ?? 'nobody'}: ${i.body}`);
        return accepted(i.clientId, as.length);
      },
    });
  beforeEach(() => {
    fail = true;
    as = [];
    q = make();
  });

  it('sends what a visitor wrote after signing in, as the customer', async () => {
    q.send('7', 'before');
    await settle();
    fail = false;
    q.become('A');
    await settle();
    expect(as).toEqual(['A: before']);
  });

  it('never sends, shows or keeps what one customer wrote for another', async () => {
    q.become('A');
    q.send('7', 'secret of A');
    await settle();
    fail = false;
    q.become('B');
    await vi.advanceTimersByTimeAsync(120_000);
    expect([as, q.all(), store.load()]).toEqual([[], [], []]);
  });

  it('keeps a customer’s messages while nobody is signed in, unseen and unsent', async () => {
    q.become('A');
    q.send('7', 'later');
    await settle();
    fail = false;
    q.become('');
    await vi.advanceTimersByTimeAsync(120_000);
    expect([as, q.all()]).toEqual([[], []]);
    q.close();
    q = make();
    expect(q.all()).toEqual([]);
    q.become('A');
    await settle();
    expect(as).toEqual(['A: later']);
    expect(store.load()).toEqual([]);
  });

  it('forgets everything at once, also what is on its way', async () => {
    let answer: (a: Accepted) => void = () => undefined;
    const shown: string[] = [];
    q = new SendQueue({
      store,
      deliver: () => new Promise<Accepted>((r) => (answer = r)),
      onAccepted: (a) => shown.push(a.message.client_id),
    });
    const { clientId } = q.send('7', 'on its way');
    q.send('7', 'behind it');
    q.clear();
    expect([q.all(), store.load()]).toEqual([[], []]);
    answer(accepted(clientId, 1));
    await settle();
    expect([shown, q.all(), store.load()]).toEqual([[], [], []]);
  });
});

/** A server that loses requests and answers, and says by a push what it has: late, doubled or never. */
class Weather {
  readonly stored: { clientId: string; body: string; files: string[]; as: string; conversation: string }[] =
    [];
  readonly pushes: Accepted[] = [];
  signedIn = '';
  calm = false;
  constructor(private readonly chance: Chance) {}

  deliver = async (item: Outgoing): Promise<Accepted> => {
    const as = this.signedIn;
    await this.pause();
    if (this.lost()) throw new RequestError('offline', 0, '', 'lost', 'r');
    const files = item.files?.map((f) => f.id ?? 'missing') ?? [];
    let at = this.stored.findIndex((s) => s.clientId === item.clientId);
    if (at < 0) {
      const conversation = item.start ? `c${this.stored.length}` : item.conversation;
      at = this.stored.push({ clientId: item.clientId, body: item.body, files, as, conversation }) - 1;
    }
    const answer = accepted(item.clientId, at + 1, this.stored[at]?.conversation);
    for (let n = this.chance.below(3); n > 0; n--) this.pushes.push(answer);
    await this.pause();
    if (this.lost()) throw new RequestError('retryable', 503, 'unavailable', 'busy', 'r');
    return answer;
  };
  private lost() {
    return !this.calm && this.chance.yes(0.35);
  }
  private pause() {
    return new Promise<void>((r) => setTimeout(r, this.chance.below(400)));
  }
}

describe('whatever the weather', () => {
  it.each(Array.from({ length: 150 }, (_, i) => i + 1))(
    'each message is stored once, in order, whole, under its own name (%i)',
    async (seed) => {
      const chance = new Chance(seed);
      const server = new Weather(chance);
      const wrote: { body: string; files: number; owner: string; gone: boolean }[] = [];
      let shown = new Map<string, number>();
      const open = () =>
        new SendQueue({
          store,
          deliver: server.deliver,
          random: () => chance.next(),
          onAccepted: (a) => shown.set(a.message.client_id, a.message.seq),
        });
      q = open();
      let here = q.start('first', {}).conversation;
      wrote.push({ body: 'first', files: 0, owner: '', gone: false });
      const keys: string[] = [];
      for (let step = 0; step < 40; step++) {
        const first = server.stored[0];
        if (first && q.pending(here).length === 0) here = first.conversation;
        const what = chance.below(10);
        if (what < 4) {
          const n = chance.yes(0.4) ? 1 + chance.below(3) : 0;
          const files = Array.from({ length: n }, (_, i) => file(`${step}-${i}`));
          keys.push(...files.map((f) => f.key));
          const body = n > 0 && chance.yes(0.5) ? '' : `m${step}`;
          // A thread that has got its real id is written to under it.
          const local = first && !q.all().some((i) => i.start) ? first.conversation : here;
          q.send(local, body, files);
          wrote.push({ body, files: n, owner: server.signedIn, gone: false });
        } else if (what < 7 && keys.length > 0) {
          const [key] = keys.splice(chance.below(keys.length), 1);
          if (key) fileReady(q, key, `u${key}`);
        } else if (what === 7) {
          for (const p of chance.shuffle(server.pushes.splice(0))) q.confirm(p.message);
        } else if (what === 8 && chance.yes(0.3)) {
          q.close();
          q = open();
          q.become(server.signedIn);
          q.resume();
        } else if (what === 9 && chance.yes(0.25)) {
          // A visitor signs in; a customer is followed by another.
          if (server.signedIn) {
            for (const w of wrote) w.gone ||= w.owner !== '' || server.signedIn !== '';
            here = server.stored[0]?.conversation ?? here;
            shown = new Map();
          }
          server.signedIn = server.signedIn === '' ? 'A' : `${server.signedIn}'`;
          for (const w of wrote) w.owner ||= server.signedIn;
          q.become(server.signedIn);
          if (here.startsWith('local:') && q.pending(here).length === 0) break;
        }
        await vi.advanceTimersByTimeAsync(chance.below(900));
      }
      server.calm = true;
      for (const key of keys) fileReady(q, key, `u${key}`);
      for (let i = 0; i < 90; i++) {
        q.wake();
        await vi.advanceTimersByTimeAsync(1_000);
      }
      const ids = server.stored.map((s) => s.clientId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(server.stored.flatMap((s) => s.files)).not.toContain('missing');
      expect(q.all()).toEqual([]);
      expect(store.load()).toEqual([]);
      // What belongs to whoever is here now arrived, words in the order of writing.
      const mine = wrote.filter((w) => !w.gone && w.body).map((w) => w.body);
      const got = server.stored.map((s) => s.body).filter((b) => mine.includes(b));
      expect(got).toEqual(mine);
      const files = wrote.filter((w) => !w.gone).reduce((n, w) => n + w.files, 0);
      if (!wrote.some((w) => w.gone)) expect(server.stored.flatMap((s) => s.files)).toHaveLength(files);
    },
  );
});
