import { RequestError, type Article, type ArticleHit, type ReadingLocale, type VisitorApi } from '../../sdk';

const debounce = 180;
/** How long what somebody tried may have to do with what they write then. */
const remembered = 30 * 60_000;

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
  private opened = { at: 0, is: '' };
  private asked = { at: 0, is: '', hits: 0, told: true };

  constructor(
    private readonly api: VisitorApi,
    private readonly locale: () => ReadingLocale,
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
      if (q && q !== this.asked.is) this.asked = { at: Date.now(), is: q, hits: hits.length, told: false };
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      this.failed = true;
    }
  }

  article(category: string, slug: string): Promise<Article> {
    const is = `${category}/${slug}`;
    this.opened = { at: Date.now(), is };
    if (this.hits?.some((h) => h.slug === slug)) this.tell(is);
    return this.api.article(this.locale(), category, slug);
  }
  vote(category: string, slug: string, helpful: boolean): void {
    this.api.vote(this.locale(), category, slug, helpful).catch(() => undefined);
  }

  /** What was tried before a message that begins a conversation. */
  came(): { article?: string; query?: string } {
    this.tell();
    const since = Date.now() - remembered;
    const { opened, asked } = this;
    return {
      ...(opened.at > since && { article: opened.is }),
      ...(asked.at > since && { query: asked.is }),
    };
  }

  /** Tells the editors once what became of a search; nobody waits for it. */
  private tell(clicked?: string): void {
    const { is: query, hits, told } = this.asked;
    if (told) return;
    this.asked.told = true;
    this.api
      .searched({ locale: this.locale(), query, hits, ...(clicked && { clicked }) })
      .catch(() => undefined);
  }
}
