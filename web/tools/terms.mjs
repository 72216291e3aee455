// Answers searches with web/rules/terms, for the differential test of internal/terms: the first line on standard input
// is a collection, every other one a query or a text to split; one line comes back for each.
import { createInterface } from 'node:readline';
import { build } from 'vite';

const entry = new URL('../rules/terms/index.ts', import.meta.url).pathname;
const built = await build({
  configFile: false,
  logLevel: 'error',
  build: { write: false, minify: false, lib: { entry, formats: ['es'], fileName: 'terms' } },
});
const [{ output }] = [built].flat();
const code = Buffer.from(output[0].code).toString('base64');
const { Index, simplifiedFrom, stem, tokens } = await import(`data:text/javascript;base64,${code}`);

let corpus, index, simplified;
const out = [];
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (corpus === undefined || asked.docs !== undefined) {
    corpus = asked;
    simplified = simplifiedFrom(corpus.simplified);
    index = new Index(corpus.docs, { synonyms: corpus.synonyms, simplified });
  } else if (asked.text !== undefined) {
    const found = tokens(asked.text, simplified);
    out.push({ tokens: found, stems: found.map((t) => stem(t.key)) });
  } else {
    const r = index.search(asked.query, { limit: 10, prefix: asked.prefix });
    const excerpts = r.hits.slice(0, 3).map((h) => r.matched.highlight(corpus.docs[h.doc].body, asked.limit));
    out.push({ hits: r.hits, corrected: r.corrected, excerpts });
  }
}
process.stdout.write(out.map((o) => `${JSON.stringify(o)}\n`).join(''));
