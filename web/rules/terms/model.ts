// What an index is made of; see index.ts of Go's internal/terms, which this is a port of.
import type { Simplified } from './fold';

/** What is indexed of an article: plain texts. Keywords find it without being shown. */
export interface Document {
  title: string;
  keywords: string;
  body: string;
}

export interface IndexOptions {
  /** Groups of phrases that stand for one another, those of everyday language first. */
  synonyms?: readonly (readonly string[])[];
  /** Traditional characters and what they are folded to; a table for the characters that occur is enough. */
  simplified?: Simplified;
}

export const title = 0;
export const keywords = 1;
export const body = 2;

/** Stands for a word that no document has, and for the end of a field. */
export const noTerm = 0xffffffff;

export const enum Kind {
  word,
  character,
  pair,
  concept,
}

/** Something that can be looked for. Its postings are those from up to, without, to. */
export interface Term {
  kind: Kind;
  /** The characters of a pair; of a concept, first is its place in groups. */
  first: number;
  second: number;
  from: number;
  to: number;
  titles: number;
  idf: number;
  titleIDF: number;
}

export interface Indexed {
  /** Where its words begin in the stream, and where each field ends. */
  start: number;
  ends: [number, number, number];
  length: [number, number, number];
}

export interface Phrase {
  rest: number[];
  concept: number;
}

/** The words of the index as they are written. */
export interface Vocabulary {
  /** Of letters only, by length, then in order. */
  words: string[];
  /** By length: where its words begin. */
  starts: number[];
  /** Of each word: the letters that it has, as bits. */
  masks: number[];
  /** Every word, in order. */
  sorted: string[];
}

/** The finished index; it never changes. */
export interface Model {
  docs: Indexed[];
  stream: number[];
  postingDocs: number[];
  impacts: number[];
  terms: Term[];
  average: [number, number, number];
  titleShare: number;
  words: Map<string, number>;
  stems: Map<string, number>;
  characters: Map<string, number>;
  /** By the terms of both characters, joined by a space. */
  pairs: Map<string, number>;
  phrases: Map<number, Phrase[]>;
  groups: string[][][];
  vocabulary: Vocabulary;
  simplified: Simplified;
}

export const pairKey = (first: number, second: number) => `${first} ${second}`;

/** How many documents have a term. */
export const common = (x: Model, id: number) => {
  const t = x.terms[id] as Term;
  return t.to - t.from;
};
