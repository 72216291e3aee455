// An article that is open: its details, its texts, who else is there, and what they do to it.

import { SvelteMap } from 'svelte/reactivity';
import type {
  ArticlePatch,
  ArticlePublication,
  ArticleText,
  EditedArticle,
  HelpApi,
  Id,
  ReadingLocale,
  StageChange,
} from '../../../sdk';
import type { Viewer } from '../lib/thread.svelte';
import { isCode } from '../lib/explain';
import { readingLocales } from '../lib/help';
import type { Shelf } from './shelf';
import { TextWork } from './text_work.svelte';

export type EditorApi = Pick<HelpApi, 'article' | 'updateArticle' | 'saveText' | 'stage' | 'reviewed'>;

export interface News {
  name: string;
  locale: ReadingLocale | '';
  kind: 'shown' | 'conflict' | 'details';
}

export class Editor {
  article: EditedArticle | null = $state.raw(null);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  others: readonly Viewer[] = $state.raw([]);
  /** The last thing that somebody else did here. */
  news: News | null = $state.raw(null);
  readonly works = new SvelteMap<ReadingLocale, TextWork>();

  constructor(
    readonly id: Id,
    private readonly api: EditorApi,
    private readonly shelf: Shelf,
  ) {}

  async load(): Promise<void> {
    try {
      const { article } = await this.api.article(this.id);
      this.article = article;
      for (const locale of readingLocales) {
        if (!this.works.has(locale))
          this.works.set(locale, this.#work(locale, article.texts[locale] ?? null));
      }
      this.phase = 'ready';
    } catch (error) {
      this.failure = error;
      if (this.article === null) this.phase = 'failed';
    }
  }

  #work(locale: ReadingLocale, text: ArticleText | null): TextWork {
    return new TextWork({
      article: this.id,
      locale,
      text,
      shelf: this.shelf,
      save: (words) => this.api.saveText(this.id, locale, words),
      onSaved: (saved) => {
        this.put(saved);
      },
    });
  }

  work(locale: ReadingLocale): TextWork | undefined {
    return this.works.get(locale);
  }

  /** Takes a text that the server answered with into the article. */
  put(text: ArticleText): void {
    const article = this.article;
    if (article === null) return;
    this.article = { ...article, texts: { ...article.texts, [text.locale]: text } };
  }

  /** The text that translations are made from. */
  get source(): ArticleText | null {
    const article = this.article;
    return article === null ? null : (article.texts[article.source_locale] ?? null);
  }

  /** Changes details; what somebody else changed meanwhile is fetched and ours applied to it, field by field. */
  async patch(change: Omit<ArticlePatch, 'revision'>): Promise<void> {
    const article = this.article;
    if (article === null) return;
    try {
      this.#details(
        (await this.api.updateArticle(this.id, { ...change, revision: article.revision })).article,
      );
    } catch (error) {
      if (!isCode(error, 'stale')) throw error;
      const fresh = (await this.api.article(this.id)).article;
      this.#details((await this.api.updateArticle(this.id, { ...change, revision: fresh.revision })).article);
    }
  }

  /** The details of an answer; texts stay ours, because words may be on their way. */
  #details(fresh: EditedArticle): void {
    const article = this.article;
    this.article = article === null ? fresh : { ...fresh, texts: { ...fresh.texts, ...article.texts } };
  }

  /** Saves, then moves the text to another stage. False when it could not be saved first. */
  async stage(locale: ReadingLocale, change: Omit<StageChange, 'revision'>): Promise<boolean> {
    const work = this.works.get(locale);
    if (work === undefined || !(await work.save())) return false;
    const { text } = await this.api.stage(this.id, locale, { ...change, revision: work.revision });
    this.take(text);
    // A publication may leave translations behind: their marks come from the server.
    if (change.stage === 'published') void this.#refreshMarks(locale);
    return true;
  }

  async reviewed(locale: ReadingLocale): Promise<boolean> {
    const work = this.works.get(locale);
    if (work === undefined || !(await work.save())) return false;
    this.take((await this.api.reviewed(this.id, locale, work.revision)).text);
    return true;
  }

  /** A text of ours that the server moved on without another person. */
  take(text: ArticleText): void {
    this.works.get(text.locale)?.restage(text);
    this.put(text);
  }

  async #refreshMarks(except: ReadingLocale): Promise<void> {
    try {
      const { article } = await this.api.article(this.id);
      for (const text of Object.values(article.texts)) {
        if (text.locale !== except && this.works.get(text.locale)?.receive(text) !== 'conflict')
          this.put(text);
      }
    } catch {
      // Marks of other languages; they are right again when the article is next opened.
    }
  }

  /** Forgets an own text that was removed. */
  dropText(locale: ReadingLocale): void {
    const article = this.article;
    if (article === null) return;
    const texts = { ...article.texts };
    delete texts[locale];
    this.article = { ...article, texts };
    this.works.get(locale)?.close();
    this.shelf.drop(this.id, locale);
    this.works.set(locale, this.#work(locale, null));
  }

  /** Somebody, perhaps ourselves in another window, committed something. */
  async receive(p: ArticlePublication): Promise<void> {
    const work = this.works.get(p.locale);
    if (work !== undefined && work.state === 'saving') await work.save();
    if (work !== undefined && p.revision <= work.revision && p.revision > 0) return;
    let fresh: EditedArticle;
    try {
      fresh = (await this.api.article(this.id)).article;
    } catch {
      return; // a hint that could not be followed; a stale save is refused all the same
    }
    const moved = fresh.revision > (this.article?.revision ?? 0);
    this.#details(fresh);
    const text = fresh.texts[p.locale];
    const did = text === undefined || work === undefined ? 'old' : work.receive(text);
    if (text !== undefined && did !== 'conflict') this.put(text);
    if (did !== 'old') this.news = { name: p.name, locale: p.locale, kind: did };
    else if (moved) this.news = { name: p.name, locale: '', kind: 'details' };
  }

  /** After the live connection was away: asks for whatever happened meanwhile. */
  async catchUp(): Promise<void> {
    if (this.article === null) return;
    try {
      const { article } = await this.api.article(this.id);
      this.#details(article);
      for (const text of Object.values(article.texts)) {
        const work = this.works.get(text.locale);
        if (work === undefined || work.state === 'saving') continue;
        const did = work.receive(text);
        if (did === 'shown') this.put(text);
        if (did !== 'old') this.news = { name: text.edited_by_name, locale: text.locale, kind: did };
      }
    } catch {
      // The next save finds out.
    }
  }

  get unsaved(): boolean {
    return [...this.works.values()].some((w) => w.dirty);
  }

  wake(): void {
    for (const work of this.works.values()) work.wake();
  }

  keepAll(): void {
    for (const work of this.works.values()) if (work.dirty) work.keep();
  }

  /** Sends what is unsaved and stops; what does not arrive stays on the device. */
  close(): void {
    for (const work of this.works.values()) {
      if (work.dirty && work.state !== 'conflict') void work.save();
      work.close();
    }
  }
}

/** An event of the channel `editing:<article>`; null for anything else. */
export function asArticlePublication(data: unknown): ArticlePublication | null {
  if (typeof data !== 'object' || data === null) return null;
  const d = data as Partial<Record<keyof ArticlePublication, unknown>>;
  return d.type === 'article' && typeof d.locale === 'string' && typeof d.revision === 'number'
    ? (data as ArticlePublication)
    : null;
}
