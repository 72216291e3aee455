import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Accepted, type Outgoing, type Publication, type VisitorApi } from '../../sdk';
import { accepted, conversation, message, page } from '../../sdk/test/messages';
import { Desk } from '../src/desk.svelte';

const settle = () => vi.advanceTimersByTimeAsync(0);
const no = (status: number, kind: RequestError['kind'] = 'permanent') =>
  new RequestError(kind, status, '', `HTTP ${status}`, 'r');

class Socket {
  static last: Socket | undefined;
  onopen?: () => void;
  onmessage?: (e: { data: string }) => void;
  onclose?: (e: { code: number }) => void;
  constructor() {
    Socket.last = this;
  }
  send() {}
  close() {}
  say(line: unknown) {
    this.onmessage?.({ data: JSON.stringify(line) });
  }
}
const push = (data: Publication) => Socket.last!.say({ push: { channel: 'visitor:1', pub: { data } } });

let token: string;
let store: Map<string, Outgoing>;
let api: { [K in keyof VisitorApi]: ReturnType<typeof vi.fn> };
let desk: Desk;
let came: { article?: string; query?: string } = {};

const make = () =>
  new Desk({
    api: api as unknown as VisitorApi,
    token: { get: () => token, set: (v) => (token = v) },
    count: { get: () => '', set: () => undefined },
    store: {
      load: () => [...store.values()],
      save: (i) => void store.set(i.clientId, i),
      remove: (id) => void store.delete(id),
    },
    realtime: { url: 'https://s.example/realtime', WebSocket: Socket as unknown as typeof WebSocket },
    locale: () => 'en',
    page: 'https://meridian.example/trade',
    came: () => came,
  });

beforeEach(() => {
  vi.useFakeTimers();
  token = '';
  store = new Map();
  Socket.last = undefined;
  api = {
    config: vi.fn(async () => ({ brand: { name: 'Meridian' } })),
    session: vi.fn(async () => ({ token: 'tok', contact: { id: '1' } })),
    conversations: vi.fn(async () => []),
    start: vi.fn(async (c: { client_id: string }) => accepted(c.client_id, 1)),
    send: vi.fn(async (_: string, m: { client_id: string }) => accepted(m.client_id, 2)),
    messages: vi.fn(async () => page([], 0)),
    read: vi.fn(async () => undefined),
    typing: vi.fn(async () => undefined),
    articles: vi.fn(async () => []),
    article: vi.fn(),
  } as unknown as typeof api;
  desk = make();
});
afterEach(() => vi.useRealTimers());

const live = async () => {
  await desk.ensureSession();
  Socket.last!.say({ id: 1, connect: { client: 'c', ping: 25 } });
  await settle();
};

describe('Desk', () => {
  it('says with the first message what was tried before it', async () => {
    came = { article: 'deposits/late', query: 'late deposit' };
    desk.start('Where is it?', 'transfer_trouble');
    await settle();
    expect(api.start.mock.calls[0]![0]).toMatchObject({ ...came, body: 'Where is it?' });
    came = {};
    desk.start('Another matter', '');
    await settle();
    expect(Object.keys(api.start.mock.calls[1]![0] as object)).not.toContain('article');
  });

  it('creates no visitor for somebody who only reads', async () => {
    await desk.begin();
    expect(api.session).not.toHaveBeenCalled();
    expect(Socket.last).toBeUndefined();
  });

  it('finds the conversations of an earlier visit', async () => {
    token = 'old';
    api.conversations.mockResolvedValue([conversation('7', 3)]);
    desk = make();
    await desk.begin();
    expect(desk.conversations.map((c) => c.id)).toEqual(['7']);
  });

  it('opens a conversation with its scenario and page, and goes on in the same thread', async () => {
    const local = desk.start('help', 'suspected_theft');
    const thread = desk.thread(local);
    expect(desk.pending.map((i) => i.body)).toEqual(['help']);
    await settle();
    expect(api.start.mock.calls[0]![0]).toMatchObject({
      body: 'help',
      scenario: 'suspected_theft',
      page_url: 'https://meridian.example/trade',
    });
    expect(desk.thread('7')).toBe(thread);
    expect([thread.id, thread.messages.length, desk.pending.length]).toEqual(['7', 1, 0]);
    desk.send(thread, 'more');
    await settle();
    expect(api.send.mock.calls[0]![0]).toBe('7');
  });

  it('shows a message once when its push overtakes its answer', async () => {
    await live();
    let answer: (a: Accepted) => void = () => undefined;
    api.start.mockReturnValue(new Promise<Accepted>((r) => (answer = r)));
    const local = desk.start('help', '');
    const thread = desk.thread(local);
    await settle();
    const a = accepted(desk.pending[0]!.clientId, 1);
    push({ type: 'message', conversation_id: '7', contact_id: '1', ...a });
    expect([thread.messages.length, desk.pending.length, thread.id]).toEqual([1, 0, '7']);
    answer(a);
    await settle();
    expect([thread.messages.length, desk.pending.length]).toEqual([1, 0]);
  });

  it('sends what was written offline when the network is back', async () => {
    api.start.mockRejectedValueOnce(no(0, 'offline'));
    desk.setOnline(false);
    desk.start('help', '');
    await settle();
    expect([desk.net, desk.pending[0]!.state]).toEqual(['offline', 'waiting']);
    desk.setOnline(true);
    await settle();
    expect([desk.net, desk.pending.length]).toEqual(['back', 0]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(desk.net).toBe('ok');
  });

  it('sends after a reload what the closed window had not', async () => {
    api.session.mockRejectedValue(no(0, 'offline'));
    desk.start('help', '');
    await settle();
    expect(store.size).toBe(1);
    api.session.mockResolvedValue({ token: 'tok', contact: { id: '1' } });
    desk = make();
    await desk.begin();
    await settle();
    expect([api.start.mock.calls.length, store.size]).toEqual([1, 0]);
  });

  it('goes on as a new visitor when the old token is no longer known', async () => {
    await desk.ensureSession();
    api.start.mockRejectedValueOnce(no(401));
    desk.start('help', '');
    await settle();
    expect([api.session.mock.calls.length, api.start.mock.calls.length, desk.pending.length]).toEqual([
      2, 2, 0,
    ]);
  });

  it('fetches what was missed when a push shows a hole', async () => {
    await live();
    api.messages.mockResolvedValueOnce(page([message(1)], 1));
    const thread = desk.thread('7');
    desk.show(thread);
    await settle();
    api.messages.mockResolvedValueOnce(page([message(2), message(3)], 3));
    push({
      type: 'message',
      conversation_id: '7',
      contact_id: '1',
      message: message(3),
      conversation: conversation('7', 3),
    });
    await settle();
    expect(api.messages.mock.lastCall).toEqual(['7', { since: 1, limit: 200 }]);
    expect(thread.messages.map((m) => m.seq)).toEqual([1, 2, 3]);
  });

  it('counts conversations with unread answers, until they are read', async () => {
    api.conversations.mockResolvedValue([
      {
        ...conversation('7', 2),
        contact_read_seq: 1,
        last_message: { seq: 2, author_kind: 'agent', preview: 'x', created_at: 1 },
      },
    ]);
    await live();
    expect(desk.unread).toBe(1);
    push({ type: 'read', conversation_id: '7', by: 'contact', seq: 2 });
    expect(desk.unread).toBe(0);
  });

  it('forgets the badge as soon as the thread was looked at, without waiting for a push', async () => {
    const c = {
      ...conversation('7', 2),
      contact_read_seq: 1,
      last_message: { seq: 2, author_kind: 'agent' as const, preview: 'x', created_at: 1 },
    };
    api.conversations.mockResolvedValue([c]);
    await live();
    api.messages.mockResolvedValueOnce({ conversation: c, messages: [message(1), message(2)], more: false });
    const thread = desk.thread('7');
    desk.show(thread);
    await settle();
    desk.markRead(thread);
    expect(desk.unread).toBe(0);
  });

  it('shows who is typing for six seconds, or until the message is there', async () => {
    await live();
    const thread = desk.thread('7');
    push({ type: 'typing', conversation_id: '7', by: 'agent', name: 'Lin' });
    expect(thread.typing).toBe('Lin');
    await vi.advanceTimersByTimeAsync(6_000);
    expect(thread.typing).toBeUndefined();
    push({ type: 'typing', conversation_id: '7', by: 'agent', name: 'Lin' });
    push({
      type: 'message',
      conversation_id: '7',
      contact_id: '1',
      message: message(1),
      conversation: conversation('7', 1),
    });
    expect(thread.typing).toBeUndefined();
  });

  it('tells the desk of typing at most every three seconds', async () => {
    await live();
    const thread = desk.thread('7');
    for (let i = 0; i < 5; i++) {
      desk.typing(thread);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(api.typing).toHaveBeenCalledTimes(2);
  });

  it('marks what was seen as read, once', async () => {
    await live();
    api.messages.mockResolvedValueOnce(page([message(1), message(2)], 2));
    const thread = desk.thread('7');
    desk.show(thread);
    await settle();
    desk.markRead(thread);
    desk.markRead(thread);
    await settle();
    expect(api.read.mock.calls).toEqual([['7', 2]]);
  });

  it('tells a conversation that is gone from one that could not be loaded', async () => {
    await live();
    api.messages.mockRejectedValueOnce(no(404));
    const gone = desk.thread('8');
    desk.show(gone);
    api.messages.mockRejectedValueOnce(no(503, 'retryable'));
    await settle();
    expect(gone.phase).toBe('gone');
    const failed = desk.thread('9');
    api.messages.mockRejectedValueOnce(no(503, 'retryable'));
    await failed.load();
    expect(failed.phase).toBe('failed');
  });
});
