// Finds articles as the server does: a port of index.go and search.go of Go's internal/helpcenter.
import { foldKey } from '../../rules/terms/fold';
import { Index, simplifiedFrom, type Excerpt, type Matched } from '../../rules/terms/index';
import type { Article, SearchData } from './data';

const most = 20;
const excerptLength = 160;
const longestQuery = 200;
// Articles that share only a common word with the query are noise beside one that fits.
const leastScore = 0.2;

export interface Found {
  article: Article;
  category: string;
  title: Excerpt;
  passage: Excerpt;
}

export interface Answer {
  hits: Found[];
  /** How the query was read when that is not as it was written; ''. */
  corrected: string;
}

/** The query as it is searched: on one line, without more than anybody types. */
export const tidy = (query: string) =>
  Array.from(query.split(/\s+/).filter(Boolean).join(' ')).slice(0, longestQuery).join('').trim();

export class Finder {
  private readonly index: Index;

  constructor(private readonly data: SearchData) {
    const docs = data.articles.map((a) => ({
      title: a.title,
      keywords: `${a.tags.join('\n')}\n${data.categories[a.category] ?? ''}`,
      body: `${a.summary}\n${a.text}`,
    }));
    this.index = new Index(docs, { synonyms: data.synonyms, simplified: simplifiedFrom(data.simplified) });
  }

  find(query: string): Answer {
    const found = this.search(query, false);
    // Sent off before the last word was finished?
    return found.hits.length > 0 ? found : this.unfinished(query, found);
  }

  private unfinished(query: string, otherwise: Answer): Answer {
    const found = this.search(query, true);
    return found.hits.length > 0 ? found : otherwise;
  }

  private search(query: string, prefix: boolean): Answer {
    const found = this.index.search(query, { limit: most, prefix });
    const least = (found.hits[0]?.score ?? 0) * leastScore;
    const hits = found.hits.filter((h) => h.score >= least);
    return {
      corrected: found.corrected,
      hits: hits.map(({ doc }) => {
        const article = this.data.articles[doc] as Article;
        return {
          article,
          category: this.data.categories[article.category] ?? '',
          title: found.matched.highlight(article.title, Array.from(article.title).length),
          passage: passage(article, found.matched),
        };
      }),
    };
  }
}

/** The block of an article that has most of the query; the summary wins a draw. */
function passage(article: Article, matched: Matched): Excerpt {
  let best: Excerpt = { text: '', spans: [] };
  let mostSaid = 0;
  for (const block of [article.summary, ...article.text.split('\n')]) {
    const excerpt = matched.highlight(block, excerptLength);
    const words = new Set(excerpt.spans.map(([start, end]) => foldKey(excerpt.text.slice(start, end))));
    const said = [...words].reduce((n, word) => n + Array.from(word).length, 0);
    if (best.text === '' || said > mostSaid) {
      best = excerpt;
      mostSaid = said;
    }
  }
  return best;
}
