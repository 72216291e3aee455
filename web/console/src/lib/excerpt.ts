import type { Span } from '../../../sdk';

export interface Piece {
  text: string;
  hit: boolean;
}

/** Cuts an excerpt into plain and highlighted pieces. Spans count code points, half open; bad ones are skipped. */
export function pieces(excerpt: string, spans: readonly Span[]): Piece[] {
  const points = Array.from(excerpt);
  const out: Piece[] = [];
  let at = 0;
  const add = (from: number, to: number, hit: boolean) => {
    if (to > from) out.push({ text: points.slice(from, to).join(''), hit });
  };
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, at);
    const to = Math.min(end, points.length);
    if (to <= from) continue;
    add(at, from, false);
    add(from, to, true);
    at = to;
  }
  add(at, points.length, false);
  return out;
}
