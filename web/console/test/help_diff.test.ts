import { describe, expect, it } from 'vitest';
import { compare, countChanges, nearChanges, steps, withinLine, words } from '../src/help/diff';
import { merge, result } from '../src/help/merge';

/** Plays a way from one sequence to the other; a wrong step would give another text. */
function play(a: string[], b: string[]): string[] {
  const out: string[] = [];
  let nextA = 0;
  for (const s of steps(a, b)) {
    if (s.op === 'added') out.push(b[s.b] as string);
    else {
      expect(s.a).toBe(nextA++); // every line of the first text, in order, once
      if (s.op === 'same') {
        expect(a[s.a]).toBe(b[s.b]);
        out.push(a[s.a] as string);
      }
    }
  }
  expect(nextA).toBe(a.length);
  return out;
}

/** The length of the longest common subsequence, by the book. */
function common(a: string[], b: string[]): number {
  const row = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const up = row[j] as number;
      row[j] = x === b[j - 1] ? diagonal + 1 : Math.max(up, row[j - 1] as number);
      diagonal = up;
    }
  }
  return row[b.length] as number;
}

describe('the difference between two texts', () => {
  it('turns the first into the second, by the shortest way, for any two texts', () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    for (let round = 0; round < 400; round++) {
      const text = () => Array.from({ length: random(12) }, () => 'abcd'.charAt(random(4)));
      const [a, b] = [text(), text()];
      expect(play(a, b)).toEqual(b);
      expect(steps(a, b).filter((s) => s.op === 'same')).toHaveLength(common(a, b));
    }
  });

  it('stays quick when everything is different', () => {
    const a = Array.from({ length: 6000 }, (_, i) => `a${i}`);
    const b = Array.from({ length: 6000 }, (_, i) => `b${i}`);
    const before = performance.now();
    expect(play(a, b)).toEqual(b);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('says what was rewritten within a line, in words and in Chinese characters', () => {
    expect(words('提现 0.5 BTC')).toEqual(['提', '现', ' ', '0', '.', '5', ' ', 'BTC']);
    const pair = withinLine('Wait for 2 confirmations', 'Wait for 3 confirmations');
    expect(pair?.[0].filter((p) => p.changed)).toEqual([{ text: '2', changed: true }]);
    expect(pair?.[1].filter((p) => p.changed)).toEqual([{ text: '3', changed: true }]);
    const han = withinLine('提现需要等待两个确认', '提现需要等待三个确认');
    expect(han?.[1].filter((p) => p.changed).map((p) => p.text)).toEqual(['三']);
    expect(withinLine('Open the app', 'Nothing alike 123')).toBeNull();
  });

  it('numbers lines on both sides and puts removals first', () => {
    const lines = compare('one\ntwo\nthree', 'one\n2\nthree\nfour');
    expect(lines.map((l) => [l.op, l.before, l.after])).toEqual([
      ['same', 1, 1],
      ['removed', 2, 0],
      ['added', 0, 2],
      ['same', 3, 3],
      ['added', 0, 4],
    ]);
    expect(countChanges(lines)).toEqual({ removed: 1, added: 2 });
    expect(compare('', '')).toEqual([]);
    expect(compare('a\r\nb', 'a\nb').every((l) => l.op === 'same')).toBe(true);
  });

  it('leaves out what is far from a change, and says how much', () => {
    const text = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    const shown = nearChanges(
      compare(text.join('\n'), [...text.slice(0, 20), 'new', ...text.slice(20)].join('\n')),
      2,
    );
    expect(shown[0]).toEqual({ kind: 'gap', count: 18 });
    expect(shown.filter((s) => s.kind === 'line')).toHaveLength(5);
    expect(shown.at(-1)).toEqual({ kind: 'gap', count: 18 });
  });
});

describe('two people at one text', () => {
  const origin = 'intro\nstep one\nstep two\nend';

  it('takes changes of different places from both, without a question', () => {
    const parts = merge(origin, 'intro\nstep 1\nstep two\nend', 'intro\nstep one\nstep two\nend\nnote');
    expect(result(parts)).toBe('intro\nstep 1\nstep two\nend\nnote');
    expect(parts.some((p) => p.kind === 'choice' && p.clash)).toBe(false);
  });

  it('keeps a deletion that only one of them made', () => {
    expect(result(merge(origin, 'intro\nstep two\nend', origin))).toBe('intro\nstep two\nend');
    expect(result(merge(origin, origin, 'intro\nstep one\nend'))).toBe('intro\nstep one\nend');
  });

  it('asks where both changed the same line; nothing is lost whichever side is taken', () => {
    const parts = merge(origin, 'intro\nstep A\nstep two\nend', 'intro\nstep B\nstep two\nend');
    const clash = parts.find((p) => p.kind === 'choice');
    expect(clash).toMatchObject({ clash: true, mine: ['step A'], theirs: ['step B'] });
    const both = parts.map((p) => (p.kind === 'choice' ? { ...p, side: 'both' as const } : p));
    expect(result(both)).toBe('intro\nstep B\nstep A\nstep two\nend');
  });
});
