import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline';
import { message, page } from './test/messages';

const seqs = (t: Timeline) => t.messages.map((m) => m.seq);

describe('Timeline', () => {
  it('shows messages in the order of the conversation, however they arrive', () => {
    const t = new Timeline('visitor');
    for (const seq of [2, 1, 3]) t.add(message(seq));
    expect(seqs(t)).toEqual([1, 2, 3]);
    expect(t.gap).toBe(false);
  });

  it('shows a message once when it is pushed, answered and fetched', () => {
    const t = new Timeline('visitor');
    expect(t.add(message(1, { client_id: 'c1' }))).toBe(true);
    expect(t.add(message(1, { client_id: 'c1' }))).toBe(false);
    t.mergeSince(page([message(1, { client_id: 'c1' })], 1), 0);
    expect(seqs(t)).toEqual([1]);
    expect(t.hasClientId('c1')).toBe(true);
  });

  it('notices a message that was never pushed, and is content once it was fetched', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(1)], 1));
    t.add(message(3));
    expect(t.gap).toBe(true);
    expect(t.knownUntil).toBe(1);
    t.mergeSince(page([message(2), message(3)], 3), 1);
    expect(t.gap).toBe(false);
    expect(seqs(t)).toEqual([1, 2, 3]);
  });

  it('takes the holes that notes leave for a visitor as no gap, but not for staff', () => {
    const note = message(4, { prev: 2 });
    const visitor = new Timeline('visitor');
    visitor.mergeLatest(page([message(1), message(2)], 2));
    visitor.add(note);
    expect(visitor.gap).toBe(false);
    const staff = new Timeline('staff');
    staff.mergeLatest(page([message(1), message(2)], 2));
    staff.add(note);
    expect(staff.gap).toBe(true);
  });

  it('does not ask forever for a sequence that this reader may never see', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(1)], 1));
    t.add(message(5, { prev: 3 }));
    t.mergeSince(page([message(5, { prev: 3 })], 5), 1);
    expect(t.gap).toBe(false);
  });

  it('keeps asking while the answer to since= has more pages', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(1)], 1));
    t.add(message(9));
    t.mergeSince(page([message(2), message(3)], 9, true), 1);
    expect(t.knownUntil).toBe(3);
    expect(t.gap).toBe(true);
  });

  it('does not let an answer that started beyond the known end hide a hole', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(1)], 1));
    t.mergeSince(page([message(6)], 6), 5);
    expect(t.gap).toBe(true);
    expect(t.knownUntil).toBe(1);
  });

  it('loads older pages in front, until there are none', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(5), message(6)], 6, true));
    expect(t.hasOlder).toBe(true);
    t.mergeBefore(page([message(3), message(4)], 6, true));
    t.mergeBefore(page([message(1), message(2)], 6));
    expect(seqs(t)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(t.hasOlder).toBe(false);
  });

  it('starts again from the latest page after a long absence, rather than show a silent hole', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(page([message(1), message(2)], 2));
    t.mergeLatest(page([message(60), message(61)], 61, true));
    expect(seqs(t)).toEqual([60, 61]);
    expect(t.hasOlder).toBe(true);
  });
});
