// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { Chance } from '../../sdk/test/random';
import { RowWindow } from '../src/row_window';

const rows = (n: number, first = 0) => Array.from({ length: n }, (_, i) => ({ key: `r${first + i}` }));

describe('RowWindow', () => {
  it('holds a few screens of 10,000 rows, and knows how much space the others take', () => {
    const w = new RowWindow();
    const r = w.range(rows(10_000), 320_000, 600);
    expect(r.to - r.from).toBeLessThan(60);
    expect(r.before + r.after + (r.to - r.from) * 64).toBe(640_000);
    expect(r.before).toBeLessThanOrEqual(320_000);
  });

  it('shows the end to a reader at the end', () => {
    const r = new RowWindow().end(rows(10_000), 600);
    expect([r.to, r.after]).toEqual([10_000, 0]);
    expect((r.to - r.from) * 64).toBeGreaterThanOrEqual(1_500);
  });

  it('leaves the rows alone while one scrolls within what is there', () => {
    const w = new RowWindow();
    const all = rows(1_000);
    const first = w.range(all, 20_000, 600);
    expect(w.range(all, 20_100, 600, first)).toEqual(first);
    expect(w.range(all, 24_000, 600, first).from).toBeGreaterThan(first.from);
  });

  it('takes measured heights for what they are, and forgets them when the width changes', () => {
    const w = new RowWindow();
    const all = rows(500);
    for (let i = 0; i < 100; i++) w.measured(`r${i}`, 200);
    expect(w.between(all, 100, 101).before).toBe(20_000);
    w.forget();
    expect(w.between(all, 100, 101).before).toBe(6_400);
  });

  it.each(Array.from({ length: 100 }, (_, i) => i + 1))(
    'never leaves a blank where one looks (%i)',
    (seed) => {
      const chance = new Chance(seed);
      const w = new RowWindow();
      const all = rows(1 + chance.below(3_000));
      const height = new Map<string, number>();
      for (const r of all) {
        const h = 20 + chance.below(400);
        height.set(r.key, h);
        if (chance.yes(0.7)) w.measured(r.key, h);
      }
      const h = (i: number) =>
        w.between(all, i, i + 1).before === w.between(all, i + 1, i + 2).before
          ? 0
          : w.between(all, i + 1, all.length).before - w.between(all, i, all.length).before;
      let now = w.range(all, 0, 600);
      for (let i = 0; i < 20; i++) {
        const total = w.between(all, 0, 0).after;
        const top = chance.below(Math.max(1, total - 600));
        now = w.range(all, top, 600, now);
        expect(now.before).toBeLessThanOrEqual(top);
        let bottom = now.before;
        for (let k = now.from; k < now.to; k++) bottom += h(k);
        expect(bottom >= Math.min(total, top + 600)).toBe(true);
        expect(Math.abs(bottom + now.after - total)).toBeLessThan(1);
      }
    },
  );
});
