import type { ReadingLocale } from '../../sdk';

/** "640 KB", "2.4 MB": in thousands, as phones and file managers count. */
export function bytesOf(n: number, locale: ReadingLocale): string {
  const [value, unit] = n < 1e6 ? [Math.max(1, Math.round(n / 1e3)), 'KB'] : [n / 1e6, 'MB'];
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${unit}`;
}
