import { describe, expect, it } from 'vitest';
import { Timeline } from './timeline';
import { message, page } from './test/messages';
import { Chance } from './test/random';

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

describe('whatever order messages come in', () => {
  /** A conversation with notes that a visitor does not see: every message says which one is before it. */
  const written = (chance: Chance, n: number) => {
    let prev = 0;
    let seq = 0;
    return Array.from({ length: n }, () => {
      seq += chance.yes(0.3) ? 1 + chance.below(3) : 1;
      const m = message(seq, { prev, client_id: chance.yes(0.4) ? `c${seq}` : '' });
      prev = seq;
      return m;
    });
  };
  it.each(Array.from({ length: 200 }, (_, i) => i + 1))(
    'each is shown once, in order, and none is missing once it was asked for (%i)',
    (seed) => {
      const chance = new Chance(seed);
      const all = written(chance, 5 + chance.below(120));
      const t = new Timeline('visitor');
      let there = 1 + chance.below(all.length);
      const after = (since: number, limit: number) => {
        const rest = all.slice(0, there).filter((m) => m.seq > since);
        return page(rest.slice(0, limit), all[there - 1]!.seq, rest.length > limit);
      };
      const latest = (before: number, limit: number) => {
        const rest = all.slice(0, there).filter((m) => m.seq < before);
        return page(rest.slice(-limit), all[there - 1]!.seq, rest.length > limit);
      };
      t.mergeLatest(latest(Infinity, 20));
      for (let i = 0; i < 60; i++) {
        const what = chance.below(6);
        if (what <= 1) there = Math.min(all.length, there + chance.below(4));
        // Pushed: late, early, again, or about something long past.
        else if (what <= 3) t.add(chance.pick(all.slice(Math.max(0, there - 8), there)));
        else if (what === 4 && t.gap) {
          const since = t.knownUntil;
          t.mergeSince(after(since, 1 + chance.below(10)), since);
        } else if (t.hasOlder) t.mergeBefore(latest(t.first, 7));
        const seqs = t.messages.map((m) => m.seq);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        expect(t.knownUntil).toBeLessThanOrEqual(all[there - 1]!.seq);
        // Up to what is known for certain, nothing between the first and there is missing.
        const certain = all.filter((m) => m.seq >= t.first && m.seq <= t.knownUntil).map((m) => m.seq);
        expect(seqs.filter((s) => s <= t.knownUntil)).toEqual(certain);
      }
      for (let more = true; more;) {
        const since = t.knownUntil;
        const answer = after(since, 9);
        t.mergeSince(answer, since);
        more = answer.more;
      }
      while (t.hasOlder) t.mergeBefore(latest(t.first, 30));
      expect(t.gap).toBe(false);
      expect(t.messages.map((m) => m.seq)).toEqual(all.slice(0, there).map((m) => m.seq));
    },
  );

  it('stays quick with 10,000 messages', () => {
    const t = new Timeline('visitor');
    t.mergeLatest(
      page(
        Array.from({ length: 10_000 }, (_, i) => message(i + 1)),
        10_000,
      ),
    );
    const began = performance.now();
    for (let i = 10_001; i <= 10_100; i++) t.add(message(i));
    expect((performance.now() - began) / 100).toBeLessThan(25);
    expect(t.messages).toHaveLength(10_100);
  });
});
