// What matches a query in a text: a port of matched.go of Go's internal/terms.
import { keysOf } from './build';
import { cutOut, oneLine, type Excerpt, type Mark } from './highlight';
import type { Term } from './model';
import type { Inquiry } from './query';
import type { Simplified } from './fold';
import { stem } from './stem';
import { stops } from './stopwords';
import { tokens, touches, type Token } from './token';

/** Knows what matches a query: words in every inflection, Chinese by pairs, synonyms, what words were read as. */
export class Matched {
  private readonly words = new Map<string, number>();
  private readonly characters = new Map<string, number>();
  private readonly phrases = new Map<string, { rest: string[]; term: number }[]>();
  private next = 0;

  constructor(private readonly simplified: Simplified) {}

  get empty(): boolean {
    return this.next === 0;
  }

  addWord(key: string): void {
    this.add(this.words, key);
  }

  addCharacters(key: string): void {
    this.add(this.characters, key);
  }

  private add(to: Map<string, number>, key: string): void {
    if (!to.has(key)) to.set(key, this.next++);
  }

  addGroup(phrases: readonly string[][]): void {
    for (const [first, ...rest] of phrases) {
      if (first === undefined) continue;
      const others = this.phrases.get(first);
      const one = { rest, term: this.next };
      if (others === undefined) this.phrases.set(first, [one]);
      else others.push(one);
    }
    this.next++;
  }

  /** The part of text, at most limit characters, that has most of the query, and where what matches is. */
  highlight(text: string, limit: number): Excerpt {
    const line = oneLine(text);
    return cutOut(line, this.marks(line), limit);
  }

  private marks(text: string): Mark[] {
    const all = tokens(text, this.simplified);
    const keys = keysOf(all);
    const marks: Mark[] = [];
    for (const [i, t] of all.entries()) {
      const found = this.at(i, all, keys);
      if (found.terms.length === 0) continue;
      const end = (all[found.until] as Token).end;
      const last = marks[marks.length - 1];
      if (last !== undefined && t.start <= last.end) {
        last.end = Math.max(last.end, end);
        last.terms.push(...found.terms);
      } else marks.push({ start: t.start, end, terms: found.terms });
    }
    return marks;
  }

  /** What begins with token i: the terms, and the last token of the longest. */
  private at(i: number, all: readonly Token[], keys: readonly string[]): { until: number; terms: number[] } {
    const found = { until: -1, terms: [] as number[] };
    const set = (to: number, term: number | undefined) => {
      if (term === undefined) return;
      found.until = Math.max(found.until, to);
      found.terms.push(term);
    };
    const t = all[i] as Token;
    const next = all[i + 1];
    if (t.cjk) {
      set(i, this.characters.get(t.key));
      if (next?.cjk && touches(t, next)) set(i + 1, this.characters.get(t.key + next.key));
    } else {
      set(i, this.words.get(keys[i] as string));
      if (next?.joined) set(i + 1, this.words.get(stem(t.key + next.key)));
    }
    for (const p of this.phrases.get(keys[i] as string) ?? [])
      if (p.rest.every((key, j) => keys[i + 1 + j] === key)) set(i + p.rest.length, p.term);
    return found;
  }
}

/** Collects what q matches; what a question is made of only when there is nothing else. */
export function matchedBy(q: Inquiry): Matched {
  const m = new Matched(q.x.simplified);
  for (const content of [true, false]) {
    for (const [i, t] of q.tokens.entries()) {
      const before = q.tokens[i - 1];
      const meets = before !== undefined && before.cjk && touches(before, t);
      if (!t.cjk) {
        if (stops(t) !== content) m.addWord(stem(t.key));
      } else if (!meets && !meetsNext(q, i)) {
        if (stops(t) !== content) m.addCharacters(t.key);
      } else if (meets && (stops(t) && stops(before)) !== content) m.addCharacters(before.key + t.key);
    }
    if (!m.empty) break;
  }
  for (const word of q.read) m.addWord(stem(word));
  for (const concept of q.groups) m.addGroup(q.x.groups[(q.x.terms[concept] as Term).first] ?? []);
  return m;
}

function meetsNext(q: Inquiry, i: number): boolean {
  const t = q.tokens[i] as Token;
  const next = q.tokens[i + 1];
  return next !== undefined && next.cjk && touches(t, next);
}
