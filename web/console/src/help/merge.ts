// Two people changed one text. Where only one of them changed something, that change is taken; where both did, a person
// chooses.

import { splitLines, steps } from './diff';

export type Side = 'mine' | 'theirs' | 'both';

export type Part =
  | { kind: 'same'; lines: string[] }
  | {
      kind: 'choice';
      mine: string[];
      theirs: string[];
      side: Side;
      /** True when both changed it: the choice was made for want of a better one. */
      clash: boolean;
    };

/** The parts of a merged text, each difference with the side that the common origin speaks for. */
export function merge(origin: string, mine: string, theirs: string): Part[] {
  const a = splitLines(theirs);
  const b = splitLines(mine);
  const old = splitLines(origin);
  const out: Part[] = [];
  const list = steps(a, b);
  for (let i = 0; i < list.length;) {
    const same = list[i]?.op === 'same';
    let to = i;
    while (to < list.length && (list[to]?.op === 'same') === same) to++;
    const run = list.slice(i, to);
    if (same) out.push({ kind: 'same', lines: run.map((s) => a[s.a] ?? '') });
    else {
      const gone = run.filter((s) => s.op === 'removed').map((s) => a[s.a] ?? '');
      const come = run.filter((s) => s.op === 'added').map((s) => b[s.b] ?? '');
      out.push({ kind: 'choice', mine: come, theirs: gone, ...speaksFor(old, come, gone) });
    }
    i = to;
  }
  return out;
}

function speaksFor(
  origin: readonly string[],
  mine: readonly string[],
  theirs: readonly string[],
): { side: Side; clash: boolean } {
  const mineIsOld = within(origin, mine);
  const theirsIsOld = within(origin, theirs);
  if (theirsIsOld && !mineIsOld) return { side: 'mine', clash: false };
  if (mineIsOld && !theirsIsOld) return { side: 'theirs', clash: false };
  // One side is empty and the other stood in the origin: somebody took it out.
  if (mineIsOld && theirsIsOld && mine.length !== theirs.length)
    return { side: mine.length === 0 ? 'mine' : 'theirs', clash: false };
  return { side: 'mine', clash: true };
}

function within(all: readonly string[], run: readonly string[]): boolean {
  if (run.length === 0) return true;
  for (let i = 0; i + run.length <= all.length; i++) {
    if (run.every((line, j) => all[i + j] === line)) return true;
  }
  return false;
}

/** The text that the choices make. */
export function result(parts: readonly Part[]): string {
  return parts
    .flatMap((p) => {
      if (p.kind === 'same') return p.lines;
      if (p.side === 'both') return [...p.theirs, ...p.mine];
      return p[p.side];
    })
    .join('\n');
}
