import type { Conversation, SearchHit, StaffApi } from '../../../sdk';

type Api = Pick<StaffApi, 'searchMessages' | 'conversations'>;

/** Messages and case numbers, asked for while one types. */
export class Search {
  hits: readonly SearchHit[] = $state.raw([]);
  cases: readonly Conversation[] = $state.raw([]);
  phase: 'idle' | 'loading' | 'ready' | 'failed' = $state('idle');
  failure: unknown = $state.raw(null);
  /** The words that the results on screen belong to. */
  query = $state('');
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asking: AbortController | null = null;

  constructor(
    private readonly api: Api,
    private readonly delay = 180,
  ) {}

  /** Asks after a short rest in typing; `now` asks at once. */
  set(query: string, now = false): void {
    const wanted = query.trim();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (wanted === '') {
      this.#asking?.abort();
      this.query = '';
      this.hits = [];
      this.cases = [];
      this.phase = 'idle';
      return;
    }
    if (wanted === this.query && this.phase === 'ready') return;
    if (this.phase !== 'ready') this.phase = 'loading';
    this.#timer = setTimeout(() => void this.run(wanted), now ? 0 : this.delay);
  }

  async run(query: string): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const [messages, cases] = await Promise.all([
        this.api.searchMessages(query, 50, asking.signal),
        looksLikeNumber(query)
          ? this.api.conversations({ view: 'all', q: query, limit: 10 }, asking.signal)
          : { conversations: [] },
      ]);
      if (asking.signal.aborted) return;
      this.query = query;
      this.hits = messages.hits;
      this.cases = cases.conversations;
      this.phase = 'ready';
    } catch (error) {
      if (asking.signal.aborted) return;
      this.failure = error;
      this.phase = 'failed';
    }
  }
}

/** "VD-1042", "vd1042", "#1042" or "1042". */
export function looksLikeNumber(query: string): boolean {
  return /^(#|[a-z]{1,6}-?)?\d{1,12}$/i.test(query.trim());
}
