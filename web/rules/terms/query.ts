// A query as terms: a port of query.go of Go's internal/terms.
import { concepts } from './build';
import { common, noTerm, pairKey, type Model, type Term } from './model';
import { stem } from './stem';
import { stops } from './stopwords';
import * as numbers from './tables';
import { tokens, touches, type Token } from './token';
import { complete, guess } from './typo';
import { cohesion, kept } from './weight';

const maxQuery = 400;

/** A term of a query, weighted with its rarity; from and to are the words that it stands for. */
export interface Wanted {
  id: number;
  weight: number;
  from: number;
  to: number;
  /** A synonym stands for it too. */
  shared: boolean;
}

/** The term of a word that some document has. */
export function find(x: Model, key: string): number | undefined {
  const id = x.words.get(key) ?? x.stems.get(stem(key));
  return id === undefined || common(x, id) === 0 ? undefined : id;
}

export class Inquiry {
  readonly wanted: Wanted[] = [];
  readonly tokens: Token[];
  readonly fixes: { start: number; end: number; to: string }[] = [];
  /** Words that others were read as. */
  readonly read: string[] = [];
  /** The synonym groups that it has, as terms. */
  readonly groups: number[] = [];
  private readonly place = new Map<number, number>();
  private readonly stream: number[] = [];
  /** It has CJK characters. */
  private readonly cjk: boolean;

  constructor(
    readonly x: Model,
    readonly text: string,
    private readonly prefix: boolean,
  ) {
    this.tokens = tokens(text, x.simplified).slice(0, maxQuery);
    this.cjk = this.tokens.some((t) => t.cjk);
    for (const [i, t] of this.tokens.entries()) {
      if (t.cjk) this.character(i, t);
      else this.word(i, t);
    }
    this.synonyms();
  }

  /** Adds a term; one that comes again adds half. */
  want(id: number, weight: number, from: number, to: number): void {
    const t = this.x.terms[id] as Term;
    if (t.from === t.to) return;
    const weighed = weight * t.idf;
    const at = this.place.get(id);
    if (at !== undefined) {
      (this.wanted[at] as Wanted).weight += weighed / 2;
      return;
    }
    this.place.set(id, this.wanted.length);
    this.wanted.push({ id, weight: weighed, from, to, shared: false });
  }

  private character(i: number, t: Token): void {
    const { x } = this;
    const id = x.characters.get(t.key);
    this.stream.push(id ?? noTerm);
    const stop = stops(t);
    if (id !== undefined)
      this.want(id, stop ? numbers.characterWeight * numbers.stopWeight : numbers.characterWeight, i, i + 1);
    const before = this.tokens[i - 1];
    if (before === undefined || !before.cjk || !touches(before, t)) return;
    const pair = x.pairs.get(pairKey(this.stream[i - 1] as number, id ?? noTerm));
    if (pair === undefined) return;
    const together = cohesion(x, x.terms[pair] as Term);
    let weight = numbers.pairWeight + numbers.pairCohesion * together;
    if (stop || stops(before)) weight *= numbers.stopPairWeight;
    this.want(pair, weight, i - 1, i + 1);
    for (const c of [this.stream[i - 1], id])
      (this.wanted[this.place.get(c as number) as number] as Wanted).weight *=
        1 - numbers.pairCovers * together;
  }

  private word(i: number, t: Token): void {
    const { x } = this;
    let id = find(x, t.key);
    const weight = this.cjk ? numbers.wordAmongCJK : 1;
    if (id !== undefined) this.want(id, stops(t) ? weight * numbers.stopWeight : weight, i, i + 1);
    const begun = this.prefix && i === this.tokens.length - 1 && complete(this, i, t);
    if (id === undefined) id = begun ? noTerm : guess(this, i, t);
    this.stream.push(id);
    const before = this.tokens[i - 1];
    if (before === undefined || before.cjk || t.start - before.end !== 1) return;
    if (this.text.charCodeAt(before.end) >= 0x80) return; // more than one byte stands between them
    const joined = find(x, before.key + t.key);
    if (joined === undefined) return;
    this.want(joined, numbers.compoundWeight, i - 1, i + 1);
    this.read.push(before.key + t.key);
  }

  /** Adds what stands for the synonyms in the query, and takes some weight from the words themselves. */
  private synonyms(): void {
    const all: { concept: number; at: number; n: number }[] = [];
    concepts(this.x, this.stream, 0, (concept, at, n) => {
      if (common(this.x, concept) > 0) all.push({ concept, at, n });
    });
    const words = this.wanted.length;
    for (const f of all) {
      const others = all.filter((g) => g.at < f.at + f.n && f.at < g.at + g.n).length - 1;
      this.want(f.concept, numbers.synonymWeight / (1 + numbers.synonymsOver * others), f.at, f.at + f.n);
      if (!this.tokens.slice(f.at, f.at + f.n).every(stops)) this.groups.push(f.concept);
      for (const w of this.wanted.slice(0, words)) {
        if (w.shared || w.from < f.at || w.to > f.at + f.n) continue;
        w.weight *= kept(this.x, w.id);
        w.shared = true;
      }
    }
  }
}
