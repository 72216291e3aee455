// The numbers of the ranking: a port of weight.go of Go's internal/terms.
import { body, common, keywords, Kind, title, type Indexed, type Model, type Term } from './model';
import * as numbers from './tables';

/** How often a term is in the fields of a document. */
export interface Count {
  term: number;
  doc: number;
  n: [number, number, number];
}

/** The inverse document frequency. */
export const rarity = (n: number, df: number) => Math.log(1 + (n - df + 0.5) / (df + 0.5));

/** BM25F of the fields together, and some of BM25 of the title by itself. */
export function impactOf(x: Model, c: Count, t: Term): number {
  const d = x.docs[c.doc] as Indexed;
  let impact = saturated(
    relative(x, c, d, title, numbers.titleLength) +
      numbers.keywordWeight * relative(x, c, d, keywords, numbers.titleLength) +
      relative(x, c, d, body, numbers.bodyLength),
  );
  if (c.n[title] > 0)
    impact += ((x.titleShare * t.titleIDF) / t.idf) * saturated(relative(x, c, d, title, numbers.titleOwn));
  return impact;
}

const saturated = (tf: number) => (tf * (numbers.saturation + 1)) / (numbers.saturation + tf);

function relative(x: Model, c: Count, d: Indexed, f: 0 | 1 | 2, b: number): number {
  if (c.n[f] === 0) return 0;
  return c.n[f] / (1 - b + (b * d.length[f]) / x.average[f]);
}

/** From 0 to 1: how much two characters belong together. */
export function cohesion(x: Model, pair: Term): number {
  const first = x.terms[pair.first] as Term;
  const second = x.terms[pair.second] as Term;
  return Math.max(0, Math.min(1, (first.idf + second.idf - pair.idf) / pair.idf));
}

/** The part of its weight that a term keeps beside its synonyms. */
export function kept(x: Model, id: number): number {
  if ((x.terms[id] as Term).kind !== Kind.word) return numbers.synonymKeep;
  const df = common(x, id);
  return numbers.synonymKeep + ((1 - numbers.synonymKeep) * df) / (df + numbers.plenty);
}

/** Sets the average lengths and gives how many documents have something in each field. */
export function averages(x: Model): [number, number, number] {
  const filled: [number, number, number] = [0, 0, 0];
  for (const f of [title, keywords, body] as const) {
    for (const d of x.docs) {
      if (d.length[f] === 0) continue;
      x.average[f] += d.length[f];
      filled[f]++;
    }
    x.average[f] /= Math.max(1, filled[f]);
  }
  return filled;
}

/** How much the title counts by itself: the shorter titles are, the more. */
export function shareOfTitles(x: Model): number {
  let titles = 0;
  let words = 0;
  for (const d of x.docs) {
    if (d.length[title] === 0) continue;
    titles++;
    for (let at = d.start; at < d.ends[title]; at++) {
      const t = x.terms[x.stream[at] as number] as Term;
      words += t.kind === Kind.character ? numbers.wordsPerCJK : 1;
    }
  }
  if (titles === 0) return 0;
  return Math.max(
    numbers.titleShareMin,
    Math.min(numbers.titleShareMax, (numbers.titleShare * titles) / words),
  );
}
