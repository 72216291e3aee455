// The passage that has most of a query: a port of highlight.go of Go's internal/terms.
import { utf8Length } from './fold';

/** A stretch of text that matches, and which terms of the query it has. */
export interface Mark {
  start: number;
  end: number;
  terms: number[];
}

export interface Excerpt {
  text: string;
  /** Where what matches is in it: [start, end) in units of JavaScript strings, in order. */
  spans: [number, number][];
}

const ellipsis = '…';

export const oneLine = (text: string) => text.replace(/\r\n|[\n\r\t]/g, ' ');

/** How many characters stand between two places of text. */
function count(text: string, from: number, to: number): number {
  let n = 0;
  for (let at = from; at < to; n++) at = after(text, at);
  return n;
}

const after = (text: string, at: number) => at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** The part of text with most of marks, and these marks in it. */
export function cutOut(text: string, marks: readonly Mark[], limit: number): Excerpt {
  const [start, end] = bestWindow(text, marks, Math.max(limit, 0));
  const before = start > 0 ? ellipsis : '';
  const spans: [number, number][] = [];
  for (const m of marks)
    if (m.start >= start && m.end <= end)
      spans.push([m.start - start + before.length, m.end - start + before.length]);
  return { text: before + text.slice(start, end) + (end < text.length ? ellipsis : ''), spans };
}

/** At most limit characters with the most different terms, then the most marks, then the earliest. */
function bestWindow(text: string, marks: readonly Mark[], limit: number): [number, number] {
  if (count(text, 0, text.length) <= limit) return [0, text.length];
  let best: [Mark, Mark] | undefined;
  let bestScore = 0;
  for (const [first, from] of marks.entries()) {
    const seen = new Set<number>();
    let score = 0;
    for (const to of marks.slice(first, first + 64)) {
      if (count(text, from.start, to.end) > limit) break;
      score++;
      for (const term of to.terms) {
        if (!seen.has(term)) score += 100;
        seen.add(term);
      }
      if (score > bestScore) {
        best = [from, to];
        bestScore = score;
      }
    }
  }
  if (best === undefined) return [0, forward(text, 0, limit)];
  const [{ start: from }, { end: to }] = best;
  const spare = limit - count(text, from, to);
  let start = backward(text, from, Math.floor(spare / 3));
  const end = forward(text, start, limit);
  start = backward(text, end, limit); // near the end of the text there is more room before
  return [wordBoundary(text, start, from), end];
}

/** Moves start behind a word that it cuts, when there is a space before the first mark. */
function wordBoundary(text: string, start: number, from: number): number {
  if (start === 0) return 0;
  const i = text.slice(start, from).indexOf(' ');
  return i >= 0 && utf8Length(text.slice(start, start + i)) < 20 ? start + i + 1 : start;
}

function forward(text: string, from: number, characters: number): number {
  let at = from;
  for (let left = characters; left > 0 && at < text.length; left--) at = after(text, at);
  return at;
}

function backward(text: string, from: number, characters: number): number {
  let at = from;
  for (let left = characters; left > 0 && at > 0; left--) {
    const r = text.codePointAt(at - 2);
    at -= r !== undefined && r > 0xffff && at > 1 ? 2 : 1;
  }
  return at;
}
