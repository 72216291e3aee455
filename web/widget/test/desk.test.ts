import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  RequestError,
  type Accepted,
  type Conversation,
  type Outgoing,
  type Publication,
  type VisitorApi,
  type VisitorSession,
} from '../../sdk';
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
let owner: string;
let renew: ReturnType<typeof vi.fn> | undefined;
let heard: number;
let began: string[];
let came: { article?: string; query?: string } = {};

const make = () =>
  new Desk({
    api: api as unknown as VisitorApi,
    token: { get: () => token, set: (v) => (token = v) },
    count: { get: () => '', set: () => undefined },
    owner: { get: () => owner, set: (v) => (owner = v) },
    ...(renew && { renew: renew as unknown as () => Promise<void> }),
    onHeard: () => heard++,
    onBegun: (c) => began.push(c.id),
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
  token = owner = '';
  renew = undefined;
  heard = 0;
  began = [];
  store = new Map();
  Socket.last = undefined;
  api = {
    config: vi.fn(async () => ({ brand: { name: 'Meridian' } })),
    session: vi.fn(async () => ({ token: 'tok', contact: { id: '1', kind: 'visitor' } })),
    conversations: vi.fn(async () => []),
    start: vi.fn(async (c: { client_id: string }) => accepted(c.client_id, 1)),
    send: vi.fn(async (_: string, m: { client_id: string }) => accepted(m.client_id, 2)),
    messages: vi.fn(async () => page([], 0)),
    read: vi.fn(async () => undefined),
    typing: vi.fn(async () => undefined),
    queue: vi.fn(async () => ({ state: 'none', position: 0, wait_low: 0, wait_high: 0, opens_at: 0 })),
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
    desk.start('Where is it?', { scenario: 'transfer_trouble' });
    await settle();
    expect(api.start.mock.calls[0]![0]).toMatchObject({ ...came, body: 'Where is it?' });
    came = {};
    desk.start('Another matter', {});
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
    const local = desk.start('help', { scenario: 'suspected_theft' });
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

  it('tells the page once that a conversation was begun, whichever way it learns of it', async () => {
    desk.start('Hello', {});
    await settle();
    const [first] = desk.conversations as [Conversation];
    push({
      type: 'message',
      conversation_id: first.id,
      contact_id: '1',
      message: message(2, { conversation_id: first.id }),
      conversation: first,
    });
    await settle();
    expect(began).toEqual([first.id]);
  });
  it('shows a message once when its push overtakes its answer', async () => {
    await live();
    let answer: (a: Accepted) => void = () => undefined;
    api.start.mockReturnValue(new Promise<Accepted>((r) => (answer = r)));
    const local = desk.start('help', {});
    const thread = desk.thread(local);
    await settle();
    const a = accepted(desk.pending[0]!.clientId, 1);
    push({ type: 'message', conversation_id: '7', contact_id: '1', ...a });
    expect([thread.messages.length, desk.pending.length, thread.id]).toEqual([1, 0, '7']);
    answer(a);
    await settle();
    expect([thread.messages.length, desk.pending.length]).toEqual([1, 0]);
    expect(began).toEqual(['7']);
  });

  it('sends what was written offline when the network is back', async () => {
    api.start.mockRejectedValueOnce(no(0, 'offline'));
    desk.setOnline(false);
    desk.start('help', {});
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
    desk.start('help', {});
    await settle();
    expect(store.size).toBe(1);
    api.session.mockResolvedValue({ token: 'tok', contact: { id: '1', kind: 'visitor' } });
    desk = make();
    await desk.begin();
    await settle();
    expect([api.start.mock.calls.length, store.size]).toEqual([1, 0]);
  });

  it('goes on as a new visitor when the old token is no longer known', async () => {
    await desk.ensureSession();
    api.start.mockRejectedValueOnce(no(401));
    desk.start('help', {});
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

  describe('sound', () => {
    const answer = (seq: number): Publication => ({
      type: 'message',
      conversation_id: '7',
      contact_id: '1',
      message: message(seq),
      conversation: {
        ...conversation('7', seq),
        last_message: { seq, author_kind: 'agent', preview: 'x', created_at: 1 },
      },
    });
    it('tells of an answer that nobody looks at, once, and not of one that is on the screen', async () => {
      await live();
      api.messages.mockResolvedValueOnce(page([], 0));
      desk.setVisible(true);
      const thread = desk.thread('7');
      desk.show(thread);
      await settle();
      push(answer(1));
      expect(heard).toBe(0);
      desk.show(undefined);
      push(answer(2));
      push(answer(2));
      expect(heard).toBe(1);
      desk.show(thread);
      desk.setVisible(false);
      push(answer(3));
      expect(heard).toBe(2);
    });
    it('stays silent about what was there when one came', async () => {
      api.conversations.mockResolvedValue([
        {
          ...conversation('7', 2),
          last_message: { seq: 2, author_kind: 'agent', preview: 'x', created_at: 1 },
        },
      ]);
      await live();
      expect(heard).toBe(0);
    });
  });

  describe('the place in line', () => {
    const place = (position: number) => ({
      state: 'waiting' as const,
      position,
      wait_low: 60,
      wait_high: 120,
      opens_at: 0,
    });
    it('is asked for as soon as there is a conversation, and again after a reconnect', async () => {
      await live();
      api.queue.mockResolvedValue(place(3));
      const thread = desk.thread(desk.start('help', {}));
      desk.show(thread);
      await settle();
      expect(thread.place?.position).toBe(3);
      api.queue.mockResolvedValue(place(1));
      Socket.last!.onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(2_000);
      Socket.last!.say({ id: 1, connect: { client: 'c', ping: 25 } });
      await settle();
      expect(thread.place?.position).toBe(1);
    });
    it('is heard of without asking', async () => {
      await live();
      const thread = desk.thread('7');
      push({ type: 'queue', conversation_id: '7', queue: place(2) });
      expect(thread.place?.position).toBe(2);
    });
    it('is not asked for when the conversation is over, and its failure breaks nothing', async () => {
      await live();
      api.messages.mockResolvedValueOnce({
        ...page([message(1)], 1),
        conversation: { ...conversation('7', 1), status: 'resolved' },
      });
      desk.show(desk.thread('7'));
      await settle();
      expect(api.queue).not.toHaveBeenCalled();
      api.messages.mockResolvedValueOnce({ ...page([], 0), conversation: conversation('8') });
      api.queue.mockRejectedValueOnce(no(503, 'retryable'));
      desk.show(desk.thread('8'));
      await settle();
      expect(desk.thread('8').place).toBeUndefined();
    });
  });

  describe('signing in and out', () => {
    const customer = (id: string) =>
      ({ token: `tok-${id}`, contact: { id, kind: 'customer' }, expires_at: 0, merged: 1 }) as VisitorSession;

    it('keeps the thread, the draft and the unsent message of a visitor who signs in mid-chat', async () => {
      await live();
      const local = desk.start('help', {});
      const thread = desk.thread(local);
      desk.show(thread);
      await settle();
      api.send.mockRejectedValueOnce(no(0, 'offline'));
      desk.send(thread, 'more');
      desk.drafts.set('7', 'half a sentence');
      await settle();
      const socket = Socket.last;
      await desk.become(customer('A'));
      await settle();
      expect([token, owner]).toEqual(['tok-A', 'A']);
      expect(Socket.last).not.toBe(socket);
      expect(desk.thread('7')).toBe(thread);
      expect(desk.drafts.get('7')).toBe('half a sentence');
      expect(api.send).toHaveBeenCalledTimes(2);
      expect(new Set(api.send.mock.calls.map((c) => (c[1] as { client_id: string }).client_id)).size).toBe(1);
      expect(desk.pending).toEqual([]);
    });

    it('shows and sends nothing of one customer to the next', async () => {
      await desk.become(customer('A'));
      api.start.mockRejectedValue(no(0, 'offline'));
      api.conversations.mockResolvedValue([]);
      const thread = desk.thread(desk.start('secret', {}));
      desk.drafts.set('7', 'also secret');
      await settle();
      const era = desk.era;
      api.start.mockClear();
      await desk.become(customer('B'));
      await vi.advanceTimersByTimeAsync(120_000);
      expect([desk.pending, desk.conversations, [...desk.drafts], store.size]).toEqual([[], [], [], 0]);
      expect(desk.era).toBeGreaterThan(era);
      expect(desk.thread(thread.id)).not.toBe(thread);
      expect(api.start).not.toHaveBeenCalled();
    });

    it('does not send what one customer wrote with the token of the next, however late the server answers', async () => {
      await desk.become(customer('A'));
      let refuse: (e: unknown) => void = () => undefined;
      api.start.mockReturnValueOnce(new Promise((_, r) => (refuse = r)));
      desk.start('secret', {});
      await settle();
      await desk.become(customer('B'));
      refuse(no(401));
      await vi.advanceTimersByTimeAsync(120_000);
      expect(api.start).toHaveBeenCalledTimes(1);
    });

    it('lets an anonymous session that was asked for before not overwrite the customer’s', async () => {
      let answer: (s: VisitorSession) => void = () => undefined;
      api.session.mockReturnValueOnce(new Promise((r) => (answer = r)));
      desk.start('help', {});
      await desk.become(customer('A'));
      answer({ ...customer('v'), contact: { id: 'v', kind: 'visitor' } as VisitorSession['contact'] });
      await settle();
      expect(token).toBe('tok-A');
      expect(api.start).toHaveBeenCalledTimes(1);
    });

    it('forgets everything at once, on the screen and in storage, also what is on its way', async () => {
      await live();
      let answer: (a: Accepted) => void = () => undefined;
      api.start.mockReturnValue(new Promise<Accepted>((r) => (answer = r)));
      desk.thread(desk.start('help', {}));
      await settle();
      const { clientId } = desk.pending[0]!;
      desk.forget();
      expect([token, owner, desk.pending, desk.conversations, store.size]).toEqual(['', '', [], [], 0]);
      answer(accepted(clientId, 1));
      await vi.advanceTimersByTimeAsync(120_000);
      expect([desk.conversations, desk.pending, token, store.size]).toEqual([[], [], '', 0]);
    });

    it('does not come back to life when the list of conversations arrives after signing out', async () => {
      let answer: (c: Conversation[]) => void = () => undefined;
      api.conversations.mockReturnValueOnce(new Promise((r) => (answer = r)));
      const session = desk.ensureSession();
      await settle();
      desk.forget();
      answer([conversation('7', 3)]);
      await expect(session).rejects.toThrow();
      expect(desk.conversations).toEqual([]);
    });

    it('asks for a new sign-in when a customer’s session has ended, and sends as the same customer', async () => {
      renew = vi.fn(async () => desk.become(customer('A')));
      desk = make();
      await desk.become(customer('A'));
      api.start.mockRejectedValueOnce(no(401));
      desk.start('help', {});
      await settle();
      expect(renew).toHaveBeenCalledTimes(1);
      expect([api.start.mock.calls.length, desk.pending.length, api.session.mock.calls.length]).toEqual([
        2, 0, 0,
      ]);
    });

    it('keeps a customer’s message waiting rather than send it as a visitor', async () => {
      await desk.become(customer('A'));
      api.start.mockRejectedValue(no(401));
      desk.start('help', {});
      await settle();
      expect(desk.ended).toBe(true);
      expect(desk.pending.map((i) => i.state)).toEqual(['waiting']);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(api.start).toHaveBeenCalledTimes(1);
      expect(store.size).toBe(1);
      api.start.mockImplementation(async (c: { client_id: string }) => accepted(c.client_id, 1));
      await desk.become(customer('A'));
      await settle();
      expect([desk.ended, desk.pending.length, store.size]).toEqual([false, 0, 0]);
    });
  });
});
