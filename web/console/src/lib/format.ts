import type { Micros } from '../../../sdk';

/** Milliseconds since 1970 of a contract time. */
export function millis(at: Micros): number {
  return Math.floor(at / 1000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale, options);
    formats.set(key, found);
  }
  return found;
}

/** Whole days between two instants in the reader's zone; 0 for the same date. */
export function daysBetween(from: Date, to: Date): number {
  const start = Date.UTC(from.getFullYear(), from.getMonth(), from.getDate());
  const end = Date.UTC(to.getFullYear(), to.getMonth(), to.getDate());
  return Math.round((end - start) / 86_400_000);
}

/** Short, for lists: the clock today, Tue within the week, 3 Nov within the year, else with the year. */
export function brief(at: Micros, locale: string, now: Date): string {
  const date = new Date(millis(at));
  const days = daysBetween(date, now);
  if (days <= 0) return clock(at, locale);
  if (days < 7) return format(locale, { weekday: 'short' }).format(date);
  if (date.getFullYear() === now.getFullYear())
    return format(locale, { month: 'short', day: 'numeric' }).format(date);
  return format(locale, { year: 'numeric', month: 'numeric', day: 'numeric' }).format(date);
}

/** "14:05" or "2:05 PM", as the locale has it. */
export function clock(at: Micros, locale: string): string {
  return format(locale, { timeStyle: 'short' }).format(new Date(millis(at)));
}

export function dateTime(at: Micros, locale: string): string {
  return format(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(millis(at)));
}

/** When something begins, as near as one needs: the clock today, Monday 09:00 within the week, else with the date. */
export function weekdayTime(at: Micros, locale: string, now: Date): string {
  const date = new Date(millis(at));
  const days = daysBetween(now, date);
  if (days <= 0) return clock(at, locale);
  const on = format(locale, days < 7 ? { weekday: 'long' } : { month: 'short', day: 'numeric' });
  return `${on.format(date)} ${clock(at, locale)}`;
}

/** Today, yesterday, or the full date: the line between two days of a thread. */
export function day(at: Micros, locale: string, now: Date): string {
  const date = new Date(millis(at));
  const days = daysBetween(date, now);
  if (days >= 0 && days < 2)
    return capital(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day'), locale);
  return format(locale, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(date);
}

function capital(text: string, locale: string): string {
  return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
}

/** "5 minutes ago", "in 3 days". */
export function relative(at: Micros, locale: string, now: Date): string {
  const seconds = Math.round((millis(at) - now.getTime()) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return words.format(0, 'second');
}

/** Up to two letters, or the last character of a Chinese name (given names come last). */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') return '';
  if (/\p{Script=Han}/u.test(trimmed)) return Array.from(trimmed).at(-1) ?? '';
  const words = trimmed.split(/[\s._@-]+/).filter((w) => w !== '');
  return words
    .slice(0, 2)
    .map((w) => (Array.from(w)[0] ?? '').toUpperCase())
    .join('');
}

/** What the reader of `locale` calls the language of a tag; mainland Chinese by its script, 简体中文. */
export function languageName(tag: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: 'language' }).of(tag === 'zh-CN' ? 'zh-Hans' : tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Browser and system of a User-Agent, as far as a person needs to recognise a device. */
export function deviceParts(userAgent: string): { browser: string; system: string } {
  const first = (pairs: [RegExp, string][]) => pairs.find(([re]) => re.test(userAgent))?.[1] ?? '';
  return {
    browser: first([
      [/Edg\//, 'Edge'],
      [/Firefox\//, 'Firefox'],
      [/OPR\//, 'Opera'],
      [/Chrom(e|ium)\//, 'Chrome'],
      [/Safari\//, 'Safari'],
    ]),
    system: first([
      [/Windows/, 'Windows'],
      [/iPhone/, 'iPhone'],
      [/iPad/, 'iPad'],
      [/Android/, 'Android'],
      [/Mac OS X/, 'macOS'],
      [/Linux/, 'Linux'],
    ]),
  };
}
