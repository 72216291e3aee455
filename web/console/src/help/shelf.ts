// Words that the server does not have yet, kept per person, article and language in this browser, so that a crash or a
// dead network costs nothing.

import type { Id, ReadingLocale, Written } from '../../../sdk';
import type { Box } from '../lib/drafts';

export interface Kept extends Written {
  /** Revision of the text it was written on; 0 = a new one. */
  revision: number;
  /** Milliseconds since 1970. */
  at: number;
}

export class Shelf {
  constructor(
    private readonly box: Box,
    private readonly who: Id,
  ) {}

  #key(article: Id, locale: ReadingLocale): string {
    return `veridesk.article.${this.who}.${article}.${locale}`;
  }

  read(article: Id, locale: ReadingLocale): Kept | null {
    try {
      const raw = this.box.getItem(this.#key(article, locale));
      return raw === null ? null : asKept(JSON.parse(raw));
    } catch {
      return null; // unreadable, or the browser refuses: there is nothing to offer
    }
  }

  /** False when the browser refuses: the words then live only as long as the page. */
  keep(article: Id, locale: ReadingLocale, kept: Kept): boolean {
    try {
      this.box.setItem(this.#key(article, locale), JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }

  drop(article: Id, locale: ReadingLocale): void {
    try {
      this.box.removeItem(this.#key(article, locale));
    } catch {
      // It is offered once more; nothing is lost.
    }
  }
}

function asKept(value: unknown): Kept | null {
  if (typeof value !== 'object' || value === null) return null;
  const v = value as Partial<Record<keyof Kept, unknown>>;
  const words = [v.title, v.summary, v.body];
  if (!words.every((w) => typeof w === 'string')) return null;
  if (typeof v.revision !== 'number' || typeof v.at !== 'number' || !Array.isArray(v.tags)) return null;
  return {
    title: v.title as string,
    summary: v.summary as string,
    body: v.body as string,
    tags: v.tags.filter((tag): tag is string => typeof tag === 'string'),
    revision: v.revision,
    at: v.at,
  };
}
