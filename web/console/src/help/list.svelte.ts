import type { ArticleCounts, ArticlePage, ArticleQuery, ArticleSummary, Id } from '../../../sdk';
import { articlesPath } from '../lib/help';
import { help } from './api';

export type ArticleFilter = Omit<ArticleQuery, 'cursor' | 'limit'>;

interface ListApi {
  articles(q: ArticleQuery, signal?: AbortSignal): Promise<ArticlePage>;
}

export const pageSize = 100;

/** The articles of one filter, page by page; what was shown stays while the same filter is asked again. */
export class ArticleList {
  items: readonly ArticleSummary[] = $state.raw([]);
  counts: ArticleCounts = $state.raw({});
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  /** The row that keys act on; '' = none. */
  cursor: Id = $state('');
  fetching = $state(false);
  next = $state('');
  /** Pixels scrolled, so that the way back from an article ends where it began. */
  scroll = 0;
  #filter: ArticleFilter = {};
  #asked = '';
  #abort: AbortController | null = null;

  constructor(private readonly api: ListApi) {}

  /** Shows what the filter lets through, from the top when it is another one. */
  show(filter: ArticleFilter): Promise<void> {
    const key = JSON.stringify(filter);
    this.#filter = filter;
    if (key !== this.#asked) {
      this.#asked = key;
      this.scroll = 0;
      this.cursor = '';
      // While one types a search the old rows stay until the new ones are there.
      if (this.phase !== 'ready') this.phase = 'loading';
    }
    return this.refresh();
  }

  async refresh(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.fetching = true;
    try {
      const page = await this.api.articles(
        { ...this.#filter, limit: Math.max(pageSize, this.#shown()) },
        abort.signal,
      );
      if (abort.signal.aborted) return;
      this.items = page.articles ?? [];
      this.next = page.next;
      this.counts = page.counts;
      this.phase = 'ready';
      if (!this.items.some((a) => a.id === this.cursor)) this.cursor = '';
    } catch (error) {
      if (abort.signal.aborted) return;
      this.failure = error;
      this.phase = 'failed';
    } finally {
      if (this.#abort === abort) this.fetching = false;
    }
  }

  /** The address of the list as it was last shown. */
  get path(): string {
    return articlesPath(this.#filter as Record<string, string>);
  }

  /** A refresh must not shorten a list that was scrolled; the server allows so many rows at once. */
  #shown(): number {
    return this.scroll === 0 ? 0 : Math.min(this.items.length, 500);
  }

  async more(): Promise<void> {
    const from = this.next;
    if (from === '' || this.fetching) return;
    const asked = this.#asked;
    this.fetching = true;
    try {
      const page = await this.api.articles({ ...this.#filter, cursor: from, limit: pageSize });
      if (asked !== this.#asked || this.next !== from) return;
      const known = new Set(this.items.map((a) => a.id));
      this.items = [...this.items, ...(page.articles ?? []).filter((a) => !known.has(a.id))];
      this.next = page.next;
    } catch (error) {
      this.failure = error;
    } finally {
      this.fetching = false;
    }
  }

  /** Moves the selection and returns it; '' when there is nothing to select. */
  step(by: 1 | -1): Id {
    const at = this.items.findIndex((a) => a.id === this.cursor);
    const to = at === -1 ? (by === 1 ? 0 : this.items.length - 1) : at + by;
    const found = this.items[Math.min(Math.max(to, 0), this.items.length - 1)];
    if (found !== undefined) this.cursor = found.id;
    return this.cursor;
  }
}

export const articleList = new ArticleList(help);
