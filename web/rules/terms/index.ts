// Finding articles in the browser as the server finds them: a port of Go's internal/terms, which explains the
// method. Both are held together by vectors (testdata/terms.json) and by a differential test on the Go side.
import { build } from './build';
import { matchedBy, type Matched } from './matched';
import {
  body,
  Kind,
  noTerm,
  type Document,
  type Indexed,
  type IndexOptions,
  type Model,
  type Term,
} from './model';
import { Inquiry } from './query';
import { candidates, passageLength, passageWeight } from './tables';
import { corrected } from './typo';

export type { Document, IndexOptions } from './model';
export type { Excerpt } from './highlight';
export type { Matched } from './matched';
export { simplifiedFrom } from './fold';
export { stem } from './stem';
export { tokens } from './token';

/** A document that was found, by its place among those indexed. Scores compare within one search only. */
export interface Hit {
  doc: number;
  score: number;
}

export interface SearchOptions {
  /** How many hits at most. */
  limit: number;
  /** The query is being typed: its last word may be unfinished. */
  prefix?: boolean;
}

export interface Result {
  /** Best first, equal ones in the order of the documents. */
  hits: Hit[];
  /** The query with its misspelt words as they were read; '' when nothing was corrected. */
  corrected: string;
  /** Marks in a text what matches the query. */
  matched: Matched;
}

/** A full-text index over articles. It never changes. */
export class Index {
  private readonly x: Model;

  constructor(docs: readonly Document[], options: IndexOptions = {}) {
    this.x = build(docs, options);
  }

  /** Finds the documents that have any of the query. */
  search(query: string, { limit, prefix = false }: SearchOptions): Result {
    const { x } = this;
    const q = new Inquiry(x, query, prefix);
    const result: Result = { hits: [], corrected: corrected(q), matched: matchedBy(q) };
    if (limit <= 0 || q.wanted.length === 0) return result;
    const scores = new Float64Array(x.docs.length);
    const touched: number[] = [];
    for (const w of q.wanted) {
      const t = x.terms[w.id] as Term;
      for (let p = t.from; p < t.to; p++) {
        const doc = x.postingDocs[p] as number;
        if (scores[doc] === 0) touched.push(doc);
        scores[doc] = (scores[doc] as number) + w.weight * (x.impacts[p] as number);
      }
    }
    const hits = touched.map((doc) => ({ doc, score: scores[doc] as number }));
    hits.sort(byScore);
    hits.length = Math.min(hits.length, Math.max(candidates, limit));
    this.passages(q, hits);
    result.hits = hits.sort(byScore).slice(0, limit);
    return result;
  }

  /** Adds to each hit for how much of the query stands close together in it. */
  private passages(q: Inquiry, hits: Hit[]): void {
    const weights = new Map<number, number>();
    for (const w of q.wanted) {
      const { kind } = this.x.terms[w.id] as Term;
      if (kind === Kind.word || kind === Kind.character) weights.set(w.id, w.weight);
    }
    for (const hit of hits) {
      const d = this.x.docs[hit.doc] as Indexed;
      hit.score += passageWeight * passage(this.x.stream, d.start, d.ends[body], weights);
    }
  }
}

const byScore = (a: Hit, b: Hit) => b.score - a.score || a.doc - b.doc;

/** The most weight of different terms in any stretch of the stream between two places. */
function passage(stream: readonly number[], from: number, to: number, weights: Map<number, number>): number {
  const seen = new Map<number, number>();
  let most = 0;
  let sum = 0;
  for (let at = from; at < to; at++) {
    const left = at - passageLength >= from ? (stream[at - passageLength] as number) : noTerm;
    const gone = weights.get(left);
    if (gone !== undefined) {
      const n = seen.get(left) ?? 0;
      seen.set(left, Math.max(0, n - 1));
      if (n <= 1) sum -= gone;
    }
    const id = stream[at] as number;
    const weight = weights.get(id);
    if (weight === undefined) continue;
    const n = (seen.get(id) ?? 0) + 1;
    seen.set(id, n);
    if (n === 1) {
      sum += weight;
      most = Math.max(most, sum);
    }
  }
  return most;
}
