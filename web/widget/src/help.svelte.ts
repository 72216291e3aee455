import { RequestError, type Article, type ArticleHit, type Locale, type VisitorApi } from '../../sdk';

const debounce = 180;

/** Search as one types. Answers are kept for the visit; late answers to old questions are dropped. */
export class Help {
  query = $state('');
  hits = $state.raw<readonly ArticleHit[] | undefined>();
  failed = $state(false);
  /** The query that `hits` answers. */
  answered = $state('');
  private readonly known = new Map<string, readonly ArticleHit[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private abort = new AbortController();

  constructor(
    private readonly api: VisitorApi,
    private readonly locale: () => Locale,
  ) {}

  type(query: string): void {
    this.query = query;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.search(), query.trim() ? debounce : 0);
  }

  async search(): Promise<void> {
    clearTimeout(this.timer);
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const locale = this.locale();
    const q = this.query.trim();
    const key = `${locale}\n${q}`;
    try {
      const hits = this.known.get(key) ?? (await this.api.articles(locale, q, q ? 8 : 4, signal));
      if (signal.aborted) return;
      this.known.set(key, hits);
      this.hits = hits;
      this.answered = q;
      this.failed = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      this.failed = true;
    }
  }

  article(category: string, slug: string): Promise<Article> {
    return this.api.article(this.locale(), category, slug);
  }
}
