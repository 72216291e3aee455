import type { Micros, ReadingLocale } from '../../../sdk';
import type { Catalogue } from './en';
import type { LateCatalogue } from './late_en';

export type { Catalogue, LateCatalogue };

/**
 * A language: what it is called in itself, and where its words are. Another one needs an entry here and
 * the files that it names (docs/widget-languages.md); `tags` are those that it serves best.
 */
export interface Language {
  tag: ReadingLocale;
  name: string;
  tags: RegExp;
  dir?: 'rtl';
  words: () => Promise<Catalogue>;
  /** Words of what is loaded later. */
  late: () => Promise<LateCatalogue>;
}

/** The first whose `tags` fit is taken: Chinese of Taiwan before Chinese, English for everybody else. */
export const languages: readonly Language[] = [
  {
    tag: 'zh-TW',
    name: '繁體中文',
    tags: /^zh\b.*\b(hant|tw|hk|mo)\b/i,
    words: async () => (await import('./zh_tw')).zhTW,
    late: async () => (await import('./late_zh_tw')).lateZhTW,
  },
  {
    tag: 'zh-CN',
    name: '简体中文',
    tags: /^zh\b/i,
    words: async () => (await import('./zh_cn')).zhCN,
    late: async () => (await import('./late_zh_cn')).lateZhCN,
  },
  {
    tag: 'en',
    name: 'English',
    tags: /^/,
    words: async () => (await import('./en')).en,
    late: async () => (await import('./late_en')).lateEn,
  },
];

export const languageOf = (tag: string) => languages.find((l) => l.tags.test(tag)) as Language;

/** The language nearest to a BCP 47 tag; English when there is none. */
export const nearestLocale = (tag: string): ReadingLocale => languageOf(tag).tag;

const dayMs = 86_400_000;
const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);

/** "14:05" or "2:05 PM", as the reader's locale and zone have it. */
export function timeOf(at: Micros, locale: ReadingLocale): string {
  // What timeStyle 'short' gives, for browsers that do not know it.
  const hour = locale === 'zh-CN' ? '2-digit' : 'numeric';
  return new Intl.DateTimeFormat(locale, { hour, minute: '2-digit' }).format(at / 1000);
}

/** "Today", "Yesterday", "Monday, 3 March"; with the year when it is another one. */
export function dayOf(at: Micros, locale: ReadingLocale, t: Catalogue, now: number): string {
  const days = Math.round((midnight(now) - midnight(at / 1000)) / dayMs);
  if (days === 0) return t.today;
  if (days === 1) return t.yesterday;
  const sameYear = new Date(now).getFullYear() === new Date(at / 1000).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(!sameYear && { year: 'numeric' }),
  }).format(at / 1000);
}

/** For a list: the time when today, otherwise the short date. */
export function shortWhen(at: Micros, locale: ReadingLocale, now: number): string {
  if (midnight(now) === midnight(at / 1000)) return timeOf(at, locale);
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' }).format(at / 1000);
}

export function dateOf(at: Micros, locale: ReadingLocale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at / 1000);
}

export function sameDay(a: Micros, b: Micros): boolean {
  return midnight(a / 1000) === midnight(b / 1000);
}

/** "today at 14:00", "on Monday, March 3 at 09:00": a moment to come, in the reader's time zone. */
export function soonOf(at: Micros, locale: ReadingLocale, t: Catalogue, now: number): string {
  const time = timeOf(at, locale);
  const days = Math.round((midnight(at / 1000) - midnight(now)) / dayMs);
  if (days <= 1) return days < 1 ? t.opensToday(time) : t.opensTomorrow(time);
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', month: 'long', day: 'numeric' });
  return t.opensOn(day.format(at / 1000), time);
}
