// The browser must find what the server finds: the expected answers are Go's (internal/terms/browser_test.go).
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { simplifiedFrom } from './fold';
import { Index } from './index';
import type { Document } from './model';
import { stem } from './stem';
import { tokens, type Token } from './token';

interface Vectors {
  stems: Record<string, string>;
  texts: { text: string; tokens: Token[] }[];
  corpus: { docs: Document[]; synonyms: string[][]; simplified: string };
  searches: {
    query: string;
    prefix: boolean;
    limit: number;
    answer: {
      hits: { doc: number; score: number }[];
      corrected: string;
      excerpts: { text: string; spans: [number, number][] }[];
    };
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../testdata/terms.json', import.meta.url), 'utf8'),
) as Vectors;
const simplified = simplifiedFrom(vectors.corpus.simplified);

describe('as the server does', () => {
  test.each(Object.entries(vectors.stems))('%s is stemmed to %s', (word, expected) => {
    expect(stem(word)).toBe(expected);
  });

  test.each(vectors.texts)('$text is split', ({ text, tokens: expected }) => {
    expect(tokens(text, simplified)).toEqual(expected);
  });

  const index = new Index(vectors.corpus.docs, { synonyms: vectors.corpus.synonyms, simplified });
  test.each(vectors.searches)('"$query" is found', ({ query, prefix, limit, answer }) => {
    const result = index.search(query, { limit: 10, prefix });
    expect(result.hits.map((h) => h.doc)).toEqual(answer.hits.map((h) => h.doc));
    for (const [i, h] of result.hits.entries()) expect(h.score).toBeCloseTo(answer.hits[i]?.score ?? 0, 9);
    expect(result.corrected).toBe(answer.corrected);
    const bodies = result.hits.slice(0, 3).map((h) => (vectors.corpus.docs[h.doc] as Document).body);
    expect(bodies.map((b) => result.matched.highlight(b, limit))).toEqual(answer.excerpts);
  });
});

describe('hostile input', () => {
  const index = new Index(vectors.corpus.docs, { synonyms: vectors.corpus.synonyms, simplified });
  test('is searched without harm', () => {
    for (const query of [
      '__proto__ constructor toString',
      '\ud800',
      '\u0000',
      'a'.repeat(100_000),
      '提'.repeat(10_000),
    ])
      expect(index.search(query, { limit: 3 }).hits.length).toBeLessThanOrEqual(3);
  });

  test('an empty collection finds nothing', () => {
    expect(new Index([]).search('memo', { limit: 5 })).toMatchObject({ hits: [], corrected: '' });
  });
});
