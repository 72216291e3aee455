// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { rowsOf, type Row, type RowsInput } from '../src/rows';
import { conversation, message } from '../../sdk/test/messages';
import type { MessageEvent, Outgoing } from '../../sdk';

const minute = 60_000_000;
const start = new Date(2026, 2, 10, 9, 0).getTime() * 1000;
const at = (n: number) => start + n * minute;
const rows = (o: Partial<RowsInput>): Row[] =>
  rowsOf({
    messages: [],
    pending: [],
    conversation: conversation(),
    readBefore: Infinity,
    locale: 'en',
    t: en,
    now: start / 1000,
    ...o,
  });
const brief = (list: Row[]) =>
  list.map((r) => (r.kind === 'bubble' ? `${r.mine ? 'me' : r.name || '-'}:${r.body}` : r.kind));
const mine = (seq: number, n: number, over = {}) =>
  message(seq, { author_kind: 'contact', client_id: `c${seq}`, created_at: at(n), ...over });
const agent = (seq: number, n: number, over = {}) => message(seq, { created_at: at(n), ...over });
const outgoing = (clientId: string, n: number, over: Partial<Outgoing> = {}): Outgoing => ({
  clientId,
  conversation: '7',
  body: clientId,
  createdAt: at(n) / 1000,
  state: 'sending',
  ...over,
});

describe('rowsOf', () => {
  it('separates days, and the read from the unread', () => {
    const list = rows({ messages: [mine(1, -1440), agent(2, 0), agent(3, 1)], readBefore: 1 });
    expect(brief(list)).toEqual(['day', 'me:#1', 'day', 'unread', 'Lin:#2', '-:#3']);
  });
  it('never shows a message twice while its echo is still in the queue', () => {
    const list = rows({ messages: [mine(1, 0)], pending: [outgoing('c1', 0), outgoing('c2', 1)] });
    expect(brief(list)).toEqual(['day', 'me:#1', 'me:c2']);
  });
  it('keeps the same key from echo to stored message, so that the bubble does not blink', () => {
    const before = rows({ pending: [outgoing('c1', 0)] }).find((r) => r.kind === 'bubble');
    const after = rows({ messages: [mine(1, 0)] }).find((r) => r.kind === 'bubble');
    expect(before?.key).toBe(after?.key);
  });
  it('says sent or read under the newest own message only', () => {
    const receipts = (agent_read_seq: number) =>
      rows({
        messages: [mine(1, 0), mine(2, 1), agent(3, 2)],
        conversation: { ...conversation(), agent_read_seq },
      })
        .filter((r) => r.kind === 'bubble')
        .map((r) => (r.kind === 'bubble' ? r.receipt : ''));
    expect(receipts(1)).toEqual(['', 'sent', '']);
    expect(receipts(2)).toEqual(['', 'read', '']);
  });
  it('tells at once what to do when the guard removed a secret, under that message', () => {
    const list = rows({ messages: [mine(1, 0, { findings: [{ kind: 'bip39', words: 12 }] }), agent(2, 1)] });
    expect(list.map((r) => r.kind)).toEqual(['day', 'bubble', 'guard', 'bubble']);
  });
  it('tells of a resolved conversation and keeps the desk’s own affairs to itself', () => {
    const event = (seq: number, type: 'status' | 'assignee' | 'team', from: string, to: string) =>
      agent(seq, seq, { author_kind: 'system', body: '', event: { type, from, to } });
    const list = rows({
      messages: [
        event(1, 'assignee', 'Lin', ''),
        event(2, 'team', '1', '2'),
        event(3, 'status', 'open', 'waiting'),
        event(4, 'status', 'waiting', 'resolved'),
        event(5, 'status', 'resolved', 'open'),
      ],
    });
    expect(list.flatMap((r) => (r.kind === 'event' ? [r.text] : []))).toEqual([
      en.eventResolved,
      en.eventReopened,
    ]);
  });
  it('says in plain words who came, passed it on or gave it back, and who ended it', () => {
    const event = (seq: number, type: MessageEvent['type'], to = '') =>
      agent(seq, seq, { author_kind: 'system', body: '', event: { type, from: '', to } });
    const list = rows({
      messages: [
        event(1, 'assignee', 'Lin'),
        event(2, 'handover'),
        event(3, 'returned'),
        event(4, 'ended'),
        event(5, 'rating', '5'),
        event(6, 'signed_in', '88'),
      ],
    });
    expect(list.flatMap((r) => (r.kind === 'event' ? [r.text] : []))).toEqual([
      en.eventJoined('Lin'),
      en.eventHandover,
      en.eventReturned,
      en.eventEnded,
      en.eventSignedIn,
    ]);
  });
  it('shows files with their message, sent or not', () => {
    const file = { id: 'u1', name: 'a.png', mime: 'image/png', size: 5 };
    const local = { key: 'k', name: 'b.png', size: 5, mime: 'image/png', modified: 0 };
    const list = rows({
      messages: [mine(1, 0, { body: '', attachments: [file] })],
      pending: [outgoing('c2', 1, { body: '', files: [local], state: 'uploading' })],
    });
    expect(list.flatMap((r) => (r.kind === 'bubble' ? [[r.files, r.outgoing?.files]] : []))).toEqual([
      [[file], undefined],
      [[], [local]],
    ]);
  });
  it('lays out 10,000 messages fast enough to do it at every keystroke of an agent', () => {
    const messages = Array.from({ length: 10_000 }, (_, i) => (i % 3 ? agent(i + 1, i) : mine(i + 1, i)));
    rows({ messages });
    const began = performance.now();
    expect(rows({ messages }).length).toBeGreaterThan(10_000);
    expect(performance.now() - began).toBeLessThan(400);
  });
  it('gives the time once for messages in one breath', () => {
    const list = rows({ messages: [agent(1, 0), agent(2, 1), agent(3, 20)] });
    expect(list.flatMap((r) => (r.kind === 'bubble' ? [r.last] : []))).toEqual([false, true, true]);
  });
  it('says the time once for all that an author says within a minute, answers in between or not', () => {
    const list = rows({ messages: [mine(1, 0), agent(2, 0.2), mine(3, 0.4), agent(4, 0.6), agent(5, 7)] });
    expect(list.flatMap((r) => (r.kind === 'bubble' ? [r.timed] : []))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });
  it('has unique keys, whatever the mix', () => {
    const list = rows({
      messages: [mine(1, -1440), agent(2, 0), mine(3, 0)],
      pending: [outgoing('x', 2)],
      readBefore: 1,
    });
    expect(new Set(list.map((r) => r.key)).size).toBe(list.length);
  });
});
