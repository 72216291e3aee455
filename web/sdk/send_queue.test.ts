import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from './errors';
import { SendQueue, type Outgoing, type OutboxStore, type SendQueueOptions } from './send_queue';
import { accepted } from './test/messages';
import type { Accepted } from './types';

const offline = () => new RequestError('offline', 0, '', 'no network', 'r');
const refused = () => new RequestError('permanent', 413, 'too_large', 'too long', 'r');
const busy = (retryAfter = 0) => new RequestError('retryable', 503, 'unavailable', 'busy', 'r', retryAfter);

/** A server whose answers the test gives by hand. */
class Server {
  calls: { item: Outgoing; answer: (a: Accepted) => void; fail: (e: unknown) => void }[] = [];
  deliver = (item: Outgoing) =>
    new Promise<Accepted>((answer, fail) => {
      this.calls.push({ item, answer, fail });
    });
  get last() {
    return this.calls[this.calls.length - 1]!;
  }
  get bodies() {
    return this.calls.map((c) => c.item.body);
  }
}

class Memory implements OutboxStore {
  constructor(readonly map = new Map<string, Outgoing>()) {}
  load = () => [...this.map.values()];
  save = (i: Outgoing) => void this.map.set(i.clientId, i);
  remove = (id: string) => void this.map.delete(id);
}

const settle = () => vi.advanceTimersByTimeAsync(0);
let server: Server;
const queue = (o: Partial<SendQueueOptions> = {}) =>
  new SendQueue({ deliver: server.deliver, random: () => 0.5, ...o });

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
});
afterEach(() => vi.useRealTimers());

describe('SendQueue', () => {
  it('echoes at once and sends in the order of writing, one at a time per conversation', async () => {
    const q = queue();
    q.send('7', 'one');
    q.send('7', 'two');
    q.send('8', 'elsewhere');
    expect(q.pending('7').map((i) => i.body)).toEqual(['one', 'two']);
    expect(server.bodies).toEqual(['one', 'elsewhere']);
    server.calls[0]!.answer(accepted(server.calls[0]!.item.clientId, 1));
    await settle();
    expect(server.bodies).toEqual(['one', 'elsewhere', 'two']);
  });

  it('keeps the order when the first message fails for a while', async () => {
    const q = queue();
    q.send('7', 'one');
    q.send('7', 'two');
    server.last.fail(offline());
    await settle();
    expect(server.bodies).toEqual(['one']);
    expect(q.pending('7').map((i) => i.state)).toEqual(['waiting', 'sending']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.bodies).toEqual(['one', 'one']);
  });

  it('repeats with the same client id, ever later, and never gives up by itself', async () => {
    const q = queue();
    const { clientId } = q.send('7', 'one');
    const waits = [750, 1_500, 3_000, 6_000, 12_000, 22_500, 22_500];
    for (const [n, wait] of waits.entries()) {
      server.last.fail(busy());
      await settle();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(server.calls).toHaveLength(n + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(server.calls).toHaveLength(n + 2);
    }
    expect(new Set(server.calls.map((c) => c.item.clientId))).toEqual(new Set([clientId]));
  });

  it('waits as long as a busy server asks', async () => {
    const q = queue();
    q.send('7', 'one');
    server.last.fail(busy(20_000));
    await vi.advanceTimersByTimeAsync(19_999);
    expect(server.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.calls).toHaveLength(2);
  });

  it('goes on with the next message when one is refused for good, and says why', async () => {
    const q = queue();
    q.send('7', 'long');
    q.send('7', 'short');
    server.last.fail(refused());
    await settle();
    expect(server.bodies).toEqual(['long', 'short']);
    expect(q.pending('7')[0]).toMatchObject({
      state: 'failed',
      problem: { code: 'too_large', kind: 'permanent' },
    });
  });

  it('sends a refused message again only when asked to', async () => {
    const q = queue();
    const { clientId } = q.send('7', 'one');
    server.last.fail(refused());
    await vi.advanceTimersByTimeAsync(120_000);
    q.wake();
    expect(server.calls).toHaveLength(1);
    q.retry(clientId);
    expect(server.calls).toHaveLength(2);
  });

  it('gives the text of a discarded message back, but not of one on its way', async () => {
    const q = queue();
    const { clientId } = q.send('7', 'one');
    expect(q.discard(clientId)).toBeUndefined();
    server.last.fail(refused());
    await settle();
    expect(q.discard(clientId)).toBe('one');
    expect(q.all()).toEqual([]);
  });

  it('tries at once when the network comes back', async () => {
    const q = queue();
    q.send('7', 'one');
    server.last.fail(offline());
    await settle();
    q.wake();
    expect(server.calls).toHaveLength(2);
  });

  describe('echo and response race', () => {
    it('drops the echo when the push comes first, and the response changes nothing', async () => {
      const shown: string[] = [];
      const q = queue({ onAccepted: (a) => shown.push(a.message.client_id) });
      const { clientId } = q.send('7', 'one');
      q.confirm(accepted(clientId, 1).message);
      expect(q.pending('7')).toEqual([]);
      server.last.answer(accepted(clientId, 1));
      await settle();
      expect(q.pending('7')).toEqual([]);
      expect(shown).toEqual([clientId]);
    });

    it('does not resend a message whose answer was lost but whose push arrived', async () => {
      const q = queue();
      const { clientId } = q.send('7', 'one');
      q.confirm(accepted(clientId, 1).message);
      server.last.fail(offline());
      await vi.advanceTimersByTimeAsync(120_000);
      expect(server.calls).toHaveLength(1);
      expect(q.all()).toEqual([]);
    });

    it('stops repeating when the message turns up while waiting', async () => {
      const q = queue();
      const { clientId } = q.send('7', 'one');
      server.last.fail(offline());
      await settle();
      q.confirm(accepted(clientId, 1).message);
      await vi.advanceTimersByTimeAsync(120_000);
      expect(server.calls).toHaveLength(1);
    });

    it('shows the stored message before it drops the echo, so that nothing blinks', async () => {
      const seen: number[] = [];
      const q: SendQueue = queue({ onAccepted: () => seen.push(q.pending('7').length) });
      const { clientId } = q.send('7', 'one');
      server.last.answer(accepted(clientId, 1));
      await settle();
      expect(seen).toEqual([1]);
      expect(q.pending('7')).toEqual([]);
    });
  });

  describe('a new conversation', () => {
    it('holds later messages until the conversation has an id, then sends them there', async () => {
      const q = queue();
      const first = q.start('help', { scenario: 'how_to' });
      q.send(first.conversation, 'more');
      expect(server.bodies).toEqual(['help']);
      server.last.answer(accepted(first.clientId, 1, '42'));
      await settle();
      expect(server.bodies).toEqual(['help', 'more']);
      expect(server.last.item.conversation).toBe('42');
    });

    it('moves over when only the push tells the id', async () => {
      const q = queue();
      const first = q.start('help', {});
      q.send(first.conversation, 'more');
      q.confirm(accepted(first.clientId, 1, '42').message);
      await settle();
      server.calls[0]!.fail(offline());
      await settle();
      expect(server.bodies).toEqual(['help', 'more']);
      expect(server.last.item.conversation).toBe('42');
    });

    it('marks followers of a refused opening as not sent, and sends all of them on retry', async () => {
      const q = queue();
      const first = q.start('help', {});
      q.send(first.conversation, 'more');
      server.last.fail(refused());
      await settle();
      expect(q.all().map((i) => i.state)).toEqual(['failed', 'failed']);
      q.retry(first.clientId);
      server.last.answer(accepted(first.clientId, 1, '42'));
      await settle();
      expect(server.bodies).toEqual(['help', 'help', 'more']);
    });
  });

  describe('across a reload', () => {
    it('sends what the closed page had not delivered, in order, under the same client ids', async () => {
      const store = new Memory();
      const before = queue({ store });
      const ids = [before.send('7', 'one').clientId, before.send('7', 'two').clientId];
      server.last.fail(offline());
      await settle();
      before.close();

      server = new Server();
      const after = queue({ store, deliver: server.deliver });
      expect(after.pending('7').map((i) => i.body)).toEqual(['one', 'two']);
      after.resume();
      server.last.answer(accepted(ids[0]!, 1));
      await settle();
      expect(server.calls.map((c) => c.item.clientId)).toEqual(ids);
      server.last.answer(accepted(ids[1]!, 2));
      await settle();
      expect(store.load()).toEqual([]);
    });

    it('sends nothing after it was closed', async () => {
      const q = queue();
      q.send('7', 'one');
      server.last.fail(offline());
      await settle();
      q.close();
      await vi.advanceTimersByTimeAsync(120_000);
      expect(server.calls).toHaveLength(1);
    });
  });
});
