// Words that were meant: a port of typo.go of Go's internal/terms.
import { utf8Length } from './fold';
import { common, noTerm, type Model, type Vocabulary } from './model';
import { find, type Inquiry } from './query';
import { stem } from './stem';
import { stopWord } from './stopwords';
import { prefixWeight, stopWeight, typoWeight } from './tables';
import { parts, type Token } from './token';

const minGuess = 4; // shorter words have too many neighbours
const maxGuess = 24;

export function newVocabulary(x: Model): Vocabulary {
  const sorted: string[] = [];
  for (const [word, id] of x.words) if (common(x, id) > 0) sorted.push(word);
  sorted.sort((a, b) => (a < b ? -1 : 1));
  const words = sorted
    .filter((w) => w.length >= minGuess - 1 && w.length <= maxGuess && letterMask(w) !== 0)
    .sort((a, b) => a.length - b.length);
  const starts: number[] = [];
  for (let n = 0, at = 0; n < maxGuess + 2; n++) {
    while (at < words.length && (words[at] as string).length < n) at++;
    starts.push(at);
  }
  return { words, starts, masks: words.map(letterMask), sorted };
}

/** A bit for each letter of word, 0 when there is anything else in it. */
function letterMask(word: string): number {
  let mask = 0;
  for (let i = 0; i < word.length; i++) {
    const c = word.charCodeAt(i) - 0x61;
    if (c < 0 || c > 25) return 0;
    mask |= 1 << c;
  }
  return mask;
}

function ones(bits: number): number {
  let n = 0;
  for (let left = bits; left !== 0; left &= left - 1) n++;
  return n;
}

/** The words within the fewest changes of word, none above most, best first. */
function near(x: Model, word: string, limit: number): string[] {
  const v = x.vocabulary;
  const mask = letterMask(word);
  let most = limit;
  if (mask === 0 || word.length < minGuess || word.length > maxGuess - most) return [];
  let found: string[] = [];
  const end = v.starts[word.length + most + 1] as number;
  for (let i = v.starts[Math.max(0, word.length - most)] as number; i < end; i++) {
    if (ones(mask ^ (v.masks[i] as number)) > 2 * most) continue;
    const other = v.words[i] as string;
    const d = distance(word, other, most);
    if (d > most) continue;
    if (d < most) {
      most = d;
      found = [];
    }
    found.push(other);
  }
  const weight = (w: string) => common(x, x.words.get(w) as number) + (w[0] === word[0] ? x.docs.length : 0);
  return found.sort((a, b) => weight(b) - weight(a) || b.length - a.length);
}

/** Letters to insert, delete, replace or swap with their neighbour, or most+1 when it is more. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        d = Math.min(d, (before[j - 2] as number) + 1);
      row.push(d);
      least = Math.min(least, d);
    }
    if (least > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length] as number;
}

/** Reads a word that no document has as one that is spelt nearly so, or as two written together. */
export function guess(q: Inquiry, i: number, t: Token): number {
  const { x } = q;
  const known = x.stems.get(stem(t.key));
  if (known !== undefined) return known; // a synonym's word: spelt right, and its group may be found
  let first = noTerm;
  let weight = typoWeight;
  const done: number[] = [];
  for (const word of near(x, t.key, t.key.length >= 8 ? 2 : 1)) {
    const id = x.words.get(word) as number;
    if (done.includes(id)) continue;
    done.push(id);
    q.want(id, stopWord(word) ? weight * stopWeight : weight, i, i + 1);
    q.read.push(word);
    if (first === noTerm) {
      first = id;
      q.fixes.push({ start: t.start, end: t.end, to: word });
    }
    weight /= 2;
    if (done.length === 3) break;
  }
  if (first !== noTerm) return first;
  let pieces = parts(q.text.slice(t.start, t.end));
  if (pieces.some((word) => find(x, word) === undefined)) pieces = [];
  if (pieces.length === 0) pieces = halves(x, t.key);
  for (const word of pieces) {
    q.want(find(x, word) as number, typoWeight, i, i + 1);
    q.read.push(word);
  }
  if (pieces.length > 0) q.fixes.push({ start: t.start, end: t.end, to: pieces.join(' ') });
  return noTerm;
}

/** Adds the most common words that begin with t, and says whether there are any. */
export function complete(q: Inquiry, i: number, t: Token): boolean {
  const { x } = q;
  if (utf8Length(t.key) < 2 || t.end < q.text.length) return false;
  const all = x.vocabulary.sorted;
  let found: number[] = [];
  const words = new Map<number, string>();
  for (let at = place(all, t.key); at < all.length && all[at]?.startsWith(t.key); at++) {
    const word = all[at] as string;
    const id = x.words.get(word) as number;
    if (!words.has(id)) {
      found.push(id);
      words.set(id, word);
    }
    if (found.length === 200) break; // two letters begin half of everything
  }
  found.sort((a, b) => common(x, b) - common(x, a));
  found = found.slice(0, 5);
  for (const id of found) {
    q.want(id, prefixWeight, i, i + 1);
    q.read.push(words.get(id) as string);
  }
  return found.length > 0;
}

/** Where word stands, or would stand, in a list in order. */
function place(sorted: readonly string[], word: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Splits a word into two that documents have, the rarer of which is in the most documents. */
function halves(x: Model, word: string): string[] {
  let most = 0;
  let best: string[] = [];
  const n = utf8Length(word);
  let bytes = 0;
  let at = 0;
  for (const c of word) {
    bytes += utf8Length(c);
    at += c.length;
    if (bytes < 2 || bytes > n - 2) continue;
    const a = x.words.get(word.slice(0, at));
    const b = x.words.get(word.slice(at));
    if (a === undefined || b === undefined) continue;
    const rarer = Math.min(common(x, a), common(x, b));
    if (rarer > most) {
      most = rarer;
      best = [word.slice(0, at), word.slice(at)];
    }
  }
  return best;
}

/** The query with its fixes, '' when there are none. */
export function corrected(q: Inquiry): string {
  if (q.fixes.length === 0) return '';
  let out = '';
  let at = 0;
  for (const f of q.fixes) {
    out += q.text.slice(at, f.start) + f.to;
    at = f.end;
  }
  return out + q.text.slice(at);
}
