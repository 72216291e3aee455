import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Conversation, Message, MessagePage } from '../../sdk';
import { Thread } from '../src/lib/thread.svelte';
import { conversation, message, settle } from './make';

function server(messages: Message[], head: Conversation = conversation({ seq: messages.length })) {
  const state = { messages, head, reads: [] as number[], asked: [] as object[] };
  const api = {
    conversation: () => Promise.resolve({ conversation: state.head, contact_online: true }),
    messages: (
      _id: string,
      q: { since?: number; before?: number; limit?: number } = {},
    ): Promise<MessagePage> => {
      state.asked.push(q);
      const { since, before } = q;
      if (since !== undefined)
        return Promise.resolve({ messages: state.messages.filter((m) => m.seq > since), more: false });
      if (before !== undefined)
        return Promise.resolve({ messages: state.messages.filter((m) => m.seq < before), more: false });
      return Promise.resolve({ messages: state.messages.slice(-2), more: state.messages.length > 2 });
    },
    read: (_id: string, seq: number) => {
      state.reads.push(seq);
      return Promise.resolve();
    },
  };
  return { state, api };
}

const seqs = (t: Thread) => t.messages.map((m) => m.seq);

describe('an open conversation', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows the newest page, then older ones on request', async () => {
    const { api } = server([1, 2, 3, 4].map((n) => message(n)));
    const t = new Thread('1', api);
    await t.load();
    expect(seqs(t)).toEqual([3, 4]);
    expect(t.hasOlder).toBe(true);
    await t.loadOlder();
    expect(seqs(t)).toEqual([1, 2, 3, 4]);
  });

  it('fetches what was lost when a pushed message leaves a gap', async () => {
    const { api, state } = server([message(1), message(2)]);
    const t = new Thread('1', api);
    await t.load();
    state.messages.push(message(3), message(4));
    t.add(message(4));
    await vi.waitFor(() => {
      expect(seqs(t)).toEqual([1, 2, 3, 4]);
    });
    expect(state.asked.at(-1)).toMatchObject({ since: 2 });
  });

  it('shows a message once although it is pushed on two channels', async () => {
    const { api } = server([message(1), message(2)]);
    const t = new Thread('1', api);
    await t.load();
    expect(t.add(message(3))).toBe(true);
    expect(t.add(message(3))).toBe(false);
    expect(seqs(t)).toEqual([1, 2, 3]);
  });

  it('draws the line "new" above the first unread message and says that it was read', async () => {
    const { api, state } = server(
      [message(1), message(2)],
      conversation({ seq: 2, contact_seq: 2, agent_read_seq: 1 }),
    );
    const t = new Thread('1', api);
    await t.load();
    expect(t.newFrom).toBe(2);
    await t.markRead();
    expect(state.reads).toEqual([2]);
    await t.markRead();
    expect(state.reads).toEqual([2]);
  });

  it('stays unread when it was marked so by hand', async () => {
    const { api, state } = server([message(1)], conversation({ seq: 1, contact_seq: 1 }));
    const t = new Thread('1', api);
    await t.load();
    t.heldUnread = true;
    await t.markRead();
    expect(state.reads).toEqual([]);
  });

  it('forgets that somebody types after six seconds, or at once when the message comes', async () => {
    const { api } = server([message(1)]);
    const t = new Thread('1', api);
    await t.load();
    t.receive({ type: 'typing', conversation_id: '1', by: 'contact', name: '' });
    expect(t.typing).toEqual(['']);
    vi.advanceTimersByTime(6_001);
    expect(t.typing).toEqual([]);
    t.receive({ type: 'typing', conversation_id: '1', by: 'contact', name: '' });
    t.add(message(2));
    expect(t.typing).toEqual([]);
  });

  it('says that loading failed, and loads on another try', async () => {
    const { api } = server([message(1)]);
    let down = true;
    const t = new Thread('1', {
      ...api,
      conversation: () => (down ? Promise.reject(new Error('down')) : api.conversation()),
    });
    await t.load();
    expect(t.phase).toBe('failed');
    down = false;
    await t.load();
    await settle();
    expect(t.phase).toBe('ready');
  });
});
