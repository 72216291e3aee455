import { type HelpApi, type Problem } from '../../../sdk';

interface Asked {
  locale: string;
  category: string;
  entity: string;
  region: string;
  body: string;
}

export const previewAfter = 250;

/** What the site would show of a text that is being written, and what is wrong with it. */
export class PreviewOf {
  html = $state('');
  problems: readonly Problem[] = $state.raw([]);
  phase: 'none' | 'fresh' | 'waiting' | 'failed' = $state('none');
  failure: unknown = $state.raw(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;
  #last = '';

  constructor(private readonly api: Pick<HelpApi, 'preview'>) {}

  /** Asks a moment after the last call, and at once for the first. */
  ask(of: Asked): void {
    const key = JSON.stringify(of);
    if (key === this.#last && this.phase !== 'failed') return;
    this.#last = key;
    clearTimeout(this.#timer);
    if (this.phase !== 'none') this.phase = 'waiting';
    this.#timer = setTimeout(() => void this.#now(of), this.phase === 'none' ? 0 : previewAfter);
  }

  async #now(of: Asked): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const { html, problems } = await this.api.preview(of, abort.signal);
      if (abort.signal.aborted) return;
      this.html = html;
      this.problems = problems ?? [];
      this.phase = 'fresh';
    } catch (error) {
      if (abort.signal.aborted) return;
      this.failure = error;
      this.phase = 'failed';
    }
  }

  retry(of: Asked): void {
    this.#last = '';
    this.ask(of);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }
}
