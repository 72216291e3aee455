import type { Locale, Micros } from '../../../sdk';
import type { Catalogue } from './en';

export type { Catalogue };

/** Only the reader's language is downloaded. Rejects when it cannot be. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  return locale === 'zh-CN' ? (await import('./zh_cn')).zhCN : (await import('./en')).en;
}

/** The catalogue nearest to a BCP 47 tag; English when there is none. */
export function nearestLocale(tag: string): Locale {
  return /^zh\b/i.test(tag) ? 'zh-CN' : 'en';
}

const dayMs = 86_400_000;
const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);

/** "14:05" or "2:05 PM", as the reader's locale and zone have it. */
export function timeOf(at: Micros, locale: Locale): string {
  // What timeStyle 'short' gives, for browsers that do not know it.
  const hour = locale === 'en' ? 'numeric' : '2-digit';
  return new Intl.DateTimeFormat(locale, { hour, minute: '2-digit' }).format(at / 1000);
}

/** "Today", "Yesterday", "Monday, 3 March"; with the year when it is another one. */
export function dayOf(at: Micros, locale: Locale, t: Catalogue, now: number): string {
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
export function shortWhen(at: Micros, locale: Locale, now: number): string {
  if (midnight(now) === midnight(at / 1000)) return timeOf(at, locale);
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' }).format(at / 1000);
}

export function dateOf(at: Micros, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at / 1000);
}

export function sameDay(a: Micros, b: Micros): boolean {
  return midnight(a / 1000) === midnight(b / 1000);
}
