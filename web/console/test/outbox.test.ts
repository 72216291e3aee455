import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Accepted } from '../../sdk';
import { Outbox, type Pending, type Shelf } from '../src/lib/outbox.svelte';
import { conversation, message } from './make';

function shelf(entries = new Map<string, unknown>()): Shelf & { entries: Map<string, unknown> } {
  return {
    entries,
    all: () => [...entries.values()],
    put: (k, v) => {
      entries.set(k, structuredClone(v));
    },
    drop: (k) => {
      entries.delete(k);
    },
  };
}

type Sent = { client_id: string; body: string; visibility: string; expect_seq?: number };

function make(answer: (r: Sent) => Promise<Accepted>, store = shelf()) {
  const sent: Sent[] = [];
  const stale: Pending[] = [];
  const accepted: Accepted[] = [];
  const outbox = new Outbox({
    api: {
      reply: (_id, r) => {
        sent.push(r);
        return answer(r);
      },
    },
    shelf: store,
    onAccepted: (a) => accepted.push(a),
    onStale: (p) => stale.push(p),
    random: () => 0.5,
  });
  return { outbox, sent, stale, accepted, store };
}

const ok = (r: Sent): Promise<Accepted> =>
  Promise.resolve({
    conversation: conversation(),
    message: message(3, { client_id: r.client_id, author_kind: 'agent' }),
  });

describe('sending', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('a note stays a note: the customer must never read it', async () => {
    const { outbox, sent } = make(ok);
    outbox.send('1', 'for us', { visibility: 'note' });
    outbox.send('1', 'for them', { visibility: 'public', expectSeq: 2 });
    await vi.waitFor(() => {
      expect(sent).toHaveLength(2);
    });
    expect(sent.map((s) => [s.body, s.visibility, s.expect_seq])).toEqual([
      ['for us', 'note', undefined],
      ['for them', 'public', 2],
    ]);
  });

  it('a note that was left behind by a reload is still a note', async () => {
    const store = shelf();
    const offline = make(() => Promise.reject(new RequestError('offline', 0, '', 'no network', 'r')), store);
    offline.outbox.send('1', 'for us', { visibility: 'note' });
    await vi.waitFor(() => {
      expect(offline.outbox.items[0]?.state).toBe('waiting');
    });
    offline.outbox.close();
    const later = make(ok, store);
    expect(later.outbox.items[0]?.visibility).toBe('note');
    later.outbox.wake();
    await vi.waitFor(() => {
      expect(later.sent).toHaveLength(1);
    });
    expect(later.sent[0]?.visibility).toBe('note');
    expect(store.entries.size).toBe(0);
  });

  it('a stale reply comes back with its words and is not shown as failed', async () => {
    const { outbox, stale } = make(() =>
      Promise.reject(new RequestError('permanent', 409, 'stale', 'new messages', 'r')),
    );
    outbox.send('1', 'careful words', { visibility: 'public', expectSeq: 2 });
    await vi.waitFor(() => {
      expect(stale).toHaveLength(1);
    });
    expect(stale[0]).toMatchObject({ conversation: '1', body: 'careful words' });
    expect(outbox.items).toEqual([]);
  });

  it('a refused message waits for a decision: send again, or back to the box', async () => {
    let refuse = true;
    const { outbox, sent } = make((r) =>
      refuse ? Promise.reject(new RequestError('permanent', 422, 'invalid', 'no', 'r')) : ok(r),
    );
    const id = outbox.send('1', 'words', { visibility: 'public' });
    await vi.waitFor(() => {
      expect(outbox.items[0]?.state).toBe('failed');
    });
    refuse = false;
    outbox.retry(id);
    await vi.waitFor(() => {
      expect(outbox.items).toEqual([]);
    });
    expect(new Set(sent.map((s) => s.client_id))).toEqual(new Set([id]));
  });

  it('gives the words back for editing', async () => {
    const { outbox } = make(() => Promise.reject(new RequestError('permanent', 422, 'invalid', 'no', 'r')));
    const id = outbox.send('1', 'words', { visibility: 'public' });
    await vi.waitFor(() => {
      expect(outbox.items[0]?.state).toBe('failed');
    });
    expect(outbox.takeBack(id)?.body).toBe('words');
    expect(outbox.items).toEqual([]);
  });
});
