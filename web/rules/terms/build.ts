// Builds the index: a port of index.go and synonyms.go of Go's internal/terms.
import {
  Kind,
  noTerm,
  pairKey,
  title,
  type Document,
  type Indexed,
  type IndexOptions,
  type Model,
  type Term,
} from './model';
import { stem } from './stem';
import { parts, tokens, touches, type Token } from './token';
import { newVocabulary } from './typo';
import { averages, impactOf, rarity, shareOfTitles, type Count } from './weight';

export function build(docs: readonly Document[], options: IndexOptions): Model {
  const b = new Builder(options);
  b.addPhrases(options.synonyms ?? []);
  for (const d of docs) b.add(d);
  b.weigh();
  b.x.vocabulary = newVocabulary(b.x);
  return b.x;
}

/** Calls fn for each phrase of a synonym group in stream, with its place and length. */
export function concepts(
  x: Model,
  stream: readonly number[],
  from: number,
  fn: (concept: number, at: number, n: number) => void,
): void {
  for (let at = from; at < stream.length; at++) {
    for (const p of x.phrases.get(stream[at] as number) ?? []) {
      if (p.rest.every((want, i) => stream[at + 1 + i] === want)) fn(p.concept, at, 1 + p.rest.length);
    }
  }
}

/** The keys of the words and characters of a phrase. */
export const keysOf = (all: readonly Token[]) => all.map((t) => (t.cjk ? t.key : stem(t.key)));

const maxCount = 0xffff;

class Builder {
  readonly x: Model;
  private readonly counts: Count[] = [];
  private readonly last: number[] = []; // by term: its count of the document that it was last seen in
  private from = 0; // the first count of the current document

  constructor(options: IndexOptions) {
    this.x = {
      docs: [],
      stream: [],
      postingDocs: [],
      impacts: [],
      terms: [],
      average: [0, 0, 0],
      titleShare: 0,
      words: new Map(),
      stems: new Map(),
      characters: new Map(),
      pairs: new Map(),
      phrases: new Map(),
      groups: [],
      vocabulary: { words: [], starts: [], masks: [], sorted: [] },
      simplified: options.simplified ?? new Map(),
    };
  }

  /** Gives each group a term of its own, which every document with any of its phrases has. */
  addPhrases(groups: readonly (readonly string[])[]): void {
    const { x } = this;
    for (const group of groups) {
      const concept = this.newTerm(Kind.concept);
      const seen = new Set<string>();
      const all: string[][] = [];
      for (const text of group) {
        const found = tokens(text, x.simplified);
        const ids = found.map((t) => (t.cjk ? this.character(t.key) : this.word(t.key)));
        const keys = keysOf(found);
        const key = keys.join(' ');
        const [first, ...rest] = ids;
        const single = ids.length === 1 && (x.terms[first as number] as Term).kind === Kind.character;
        if (first === undefined || single || seen.has(key)) continue;
        seen.add(key);
        all.push(keys);
        const others = x.phrases.get(first);
        if (others === undefined) x.phrases.set(first, [{ rest, concept }]);
        else others.push({ rest, concept });
      }
      x.groups.push(all);
      (x.terms[concept] as Term).first = x.groups.length - 1;
    }
  }

  add(d: Document): void {
    const { x } = this;
    const doc: Indexed = { start: x.stream.length, ends: [0, 0, 0], length: [0, 0, 0] };
    this.from = this.counts.length;
    for (const [f, text] of [d.title, d.keywords, d.body].entries()) {
      const start = x.stream.length;
      this.field(text, f);
      doc.ends[f] = x.stream.length;
      doc.length[f] = x.stream.length - start;
      concepts(x, x.stream, start, (concept) => this.count(concept, f));
      x.stream.push(noTerm);
    }
    x.docs.push(doc);
  }

  private field(text: string, f: number): void {
    let previous: Token | undefined;
    let previousID = 0;
    for (const t of tokens(text, this.x.simplified)) {
      let id: number;
      if (t.cjk) {
        id = this.character(t.key);
        if (previous?.cjk && touches(previous, t)) this.count(this.pair(previousID, id), f);
      } else {
        id = this.word(t.key);
        if (t.joined && !previous?.cjk) this.count(this.word((previous?.key ?? '') + t.key), f);
        for (const part of parts(text.slice(t.start, t.end))) this.count(this.word(part), f);
      }
      this.count(id, f);
      this.x.stream.push(id);
      previous = t;
      previousID = id;
    }
  }

  private newTerm(kind: Kind): number {
    this.x.terms.push({ kind, first: 0, second: 0, from: 0, to: 0, titles: 0, idf: 0, titleIDF: 0 });
    this.last.push(-1);
    return this.x.terms.length - 1;
  }

  private word(key: string): number {
    const { x } = this;
    const known = x.words.get(key);
    if (known !== undefined) return known;
    const root = stem(key);
    let id = x.stems.get(root);
    if (id === undefined) {
      id = this.newTerm(Kind.word);
      x.stems.set(root, id);
    }
    x.words.set(key, id);
    return id;
  }

  private character(key: string): number {
    let id = this.x.characters.get(key);
    if (id === undefined) {
      id = this.newTerm(Kind.character);
      this.x.characters.set(key, id);
    }
    return id;
  }

  private pair(first: number, second: number): number {
    const key = pairKey(first, second);
    let id = this.x.pairs.get(key);
    if (id === undefined) {
      id = this.newTerm(Kind.pair);
      this.x.pairs.set(key, id);
      Object.assign(this.x.terms[id] as Term, { first, second });
    }
    return id;
  }

  private count(id: number, f: number): void {
    let at = this.last[id] as number;
    if (at < this.from) {
      at = this.counts.length;
      this.last[id] = at;
      this.counts.push({ term: id, doc: this.x.docs.length, n: [0, 0, 0] });
    }
    const { n } = this.counts[at] as Count;
    n[f] = Math.min(maxCount, (n[f] as number) + 1);
  }

  /** Turns the counts into postings by term, each in the order of the documents. */
  weigh(): void {
    const { x } = this;
    const filled = averages(x);
    x.titleShare = shareOfTitles(x);
    for (const c of this.counts) {
      const t = x.terms[c.term] as Term;
      t.to++;
      if (c.n[title] > 0) t.titles++;
    }
    let at = 0;
    for (const t of x.terms) {
      const df = t.to;
      t.from = t.to = at;
      at += df;
      t.idf = rarity(x.docs.length, df);
      t.titleIDF = rarity(filled[title], t.titles);
    }
    x.postingDocs = new Array<number>(this.counts.length);
    x.impacts = new Array<number>(this.counts.length);
    for (const c of this.counts) {
      const t = x.terms[c.term] as Term;
      x.postingDocs[t.to] = c.doc;
      x.impacts[t.to] = Math.fround(impactOf(x, c, t));
      t.to++;
    }
  }
}
