// One text in one language, being written: what stands in the boxes, what the server has, and the way between them.

import {
  RequestError,
  type ArticleText,
  type Id,
  type ReadingLocale,
  type TextSave,
  type Written,
} from '../../../sdk';
import type { Kept, Shelf } from './shelf';

export type SaveState = 'clean' | 'dirty' | 'saving' | 'saved' | 'offline' | 'failed' | 'conflict';

export interface WorkOptions {
  article: Id;
  locale: ReadingLocale;
  text: ArticleText | null;
  shelf: Shelf;
  save: (text: TextSave) => Promise<{ text: ArticleText }>;
  onSaved: (text: ArticleText) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** After this long without a key press the text is saved; while somebody types on, at least this often. */
export const idle = 1_200;
export const atLeast = 8_000;
const shelfAfter = 300;
const firstRetry = 3_000;
const lastRetry = 30_000;

const empty: Written = { title: '', summary: '', body: '', tags: [] };

export function wordsOf(text: ArticleText | null): Written {
  if (text === null) return empty;
  return { title: text.title, summary: text.summary, body: text.body, tags: text.tags ?? [] };
}

export function sameWords(a: Written, b: Written): boolean {
  return (
    a.title === b.title &&
    a.summary === b.summary &&
    a.body === b.body &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, i) => tag === b.tags[i])
  );
}

export class TextWork {
  readonly locale: ReadingLocale;
  now: Written = $state.raw(empty);
  /** What the server has; null = nothing yet. */
  base: ArticleText | null = $state.raw(null);
  state: SaveState = $state('clean');
  /** Milliseconds since 1970; 0 = not in this session. */
  savedAt = $state(0);
  failure: unknown = $state.raw(null);
  /** False when the browser refuses to keep words: closing the page would lose them. */
  shelved = $state(true);
  /** The newer text of somebody else, when saving was refused for its sake. */
  theirs: ArticleText | null = $state.raw(null);
  /** Words of an earlier page that were never saved. */
  found: Kept | null = $state.raw(null);
  /** True once somebody began to write a text that did not exist. */
  started = $state(false);
  /** The version of the source that a new translation starts from. */
  sourceVersion: number | undefined;

  #origin: Written = empty; // what the words in the boxes were written on
  #sent: Written = empty; // what the server was last given
  #timers: Partial<Record<'save' | 'shelf' | 'retry', ReturnType<typeof setTimeout>>> = {};
  #dirtySince = 0;
  #wait = firstRetry;
  #running: Promise<boolean> | null = null;
  #closed = false;

  constructor(private readonly o: WorkOptions) {
    this.locale = o.locale;
    this.#adopt(o.text);
    const kept = o.shelf.read(o.article, o.locale);
    if (kept !== null && sameWords(kept, this.now)) o.shelf.drop(o.article, o.locale);
    else this.found = kept;
    this.started = o.text !== null;
  }

  get origin(): Written {
    return this.#origin;
  }
  get dirty(): boolean {
    return !sameWords(this.now, this.#sent);
  }
  get revision(): number {
    return this.base?.revision ?? 0;
  }
  #clock(): number {
    return (this.o.now ?? Date.now)();
  }

  #adopt(text: ArticleText | null): void {
    this.base = text;
    this.now = this.#origin = this.#sent = wordsOf(text);
  }

  /** Changes the words in the boxes; they are kept here soon and saved a moment after the last key. */
  write(change: Partial<Written>): void {
    this.now = { ...this.now, ...change };
    this.started = true;
    if (this.#dirtySince === 0) this.#dirtySince = this.#clock();
    this.#after('shelf', shelfAfter, () => {
      this.keep();
    });
    if (this.state === 'conflict') return; // first the two texts become one
    if (!this.dirty && this.#running === null) {
      this.state = this.savedAt === 0 ? 'clean' : 'saved';
      this.#cancel('save');
      return;
    }
    if (this.state !== 'saving' && this.state !== 'offline') this.state = 'dirty';
    const patience = Math.max(0, this.#dirtySince + atLeast - this.#clock());
    this.#after('save', Math.min(idle, patience), () => void this.save());
  }

  /** Keeps the words on this device at once; for when the page may go away. */
  keep(): void {
    this.#cancel('shelf');
    const { article, locale, shelf } = this.o;
    if (!this.dirty) shelf.drop(article, locale);
    else
      this.shelved = shelf.keep(article, locale, {
        ...this.now,
        revision: this.revision,
        at: this.#clock(),
      });
  }

  /** Saves what is not saved; true when the server has everything. */
  async save(): Promise<boolean> {
    this.#cancel('save');
    this.#cancel('retry');
    if (this.state === 'conflict') return false;
    if (this.#running !== null) {
      const ok = await this.#running;
      return ok && this.dirty ? this.save() : ok;
    }
    if (!this.dirty && this.started && this.base !== null) return true;
    this.#running = this.#attempt();
    try {
      return await this.#running;
    } finally {
      this.#running = null;
      // Words written meanwhile go out by themselves.
      if (this.state === 'saved' && this.dirty && !this.#closed)
        this.#after('save', idle, () => void this.save());
    }
  }

  async #attempt(): Promise<boolean> {
    const sending = this.now;
    this.state = 'saving';
    try {
      const { text } = await this.o.save({
        ...sending,
        revision: this.revision,
        ...(this.sourceVersion === undefined ? {} : { source_version: this.sourceVersion }),
      });
      this.#accepted(text, sending);
      return true;
    } catch (error) {
      this.#refused(error);
      return false;
    }
  }

  #accepted(text: ArticleText, sent: Written): void {
    this.base = text;
    this.#sent = this.#origin = sent;
    this.sourceVersion = undefined;
    this.savedAt = this.#clock();
    this.failure = null;
    this.#wait = firstRetry;
    this.#dirtySince = this.dirty ? this.#clock() : 0;
    this.state = 'saved';
    this.keep();
    this.o.onSaved(text);
  }

  #refused(error: unknown): void {
    this.failure = error;
    this.keep();
    const e = error instanceof RequestError ? error : null;
    if (e?.code === 'stale') {
      this.theirs = (e.answer['current'] as ArticleText | undefined) ?? null;
      this.state = 'conflict';
    } else if (e !== null && e.kind !== 'permanent') {
      this.state = 'offline';
      this.#after('retry', this.#wait, () => void this.save());
      this.#wait = Math.min(this.#wait * 2, lastRetry);
    } else this.state = 'failed';
  }

  /** The network is back. */
  wake(): void {
    if (this.state === 'offline') void this.save();
  }

  /**
   * The server has another text than ours. It is shown when nothing would be lost by that; otherwise both are laid side
   * by side. Returns which of the two happened; 'old' when we had it already.
   */
  receive(text: ArticleText): 'shown' | 'conflict' | 'old' {
    if (text.revision <= this.revision) return 'old';
    if (this.dirty) {
      this.keep();
      this.#cancel('save');
      this.theirs = text;
      this.state = 'conflict';
      return 'conflict';
    }
    this.#adopt(text);
    this.started = true;
    return 'shown';
  }

  /** A text that the server made of ours without changing the words: another stage, a review. */
  restage(text: ArticleText): void {
    if (this.dirty) this.base = text;
    else this.#adopt(text);
  }

  /** Ends a conflict with these words, which then go on top of the other person's. */
  async resolve(words: Written): Promise<boolean> {
    if (this.theirs === null) return false;
    this.base = this.theirs;
    this.#origin = this.#sent = wordsOf(this.theirs);
    this.theirs = null;
    this.now = words;
    this.state = 'dirty';
    if (!this.dirty) {
      this.state = 'clean';
      this.keep();
      return true;
    }
    return this.save();
  }

  /** Puts back what an earlier page could not save. Where the server has moved on since, it becomes a conflict. */
  restoreFound(): void {
    const found = this.found;
    if (found === null) return;
    this.found = null;
    const { title, summary, body, tags } = found;
    if (found.revision < this.revision && this.base !== null) {
      this.now = { title, summary, body, tags };
      this.started = true;
      this.theirs = this.base;
      this.#origin = this.now;
      this.state = 'conflict';
    } else this.write({ title, summary, body, tags });
  }

  discardFound(): void {
    this.found = null;
    this.o.shelf.drop(this.o.article, this.o.locale);
  }

  /** Stops all clocks; unsaved words stay on the device. */
  close(): void {
    this.#closed = true;
    if (this.dirty) this.keep();
    for (const name of ['save', 'shelf', 'retry'] as const) this.#cancel(name);
  }

  #after(name: 'save' | 'shelf' | 'retry', ms: number, run: () => void): void {
    this.#cancel(name);
    this.#timers[name] = setTimeout(run, ms);
  }
  #cancel(name: 'save' | 'shelf' | 'retry'): void {
    clearTimeout(this.#timers[name]);
  }
}
