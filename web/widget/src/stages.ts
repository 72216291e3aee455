import type { ReadingLocale, Request } from '../../sdk';
import { soonOf, timeOf, sameDay, type Catalogue, type LateCatalogue } from './i18n';

export const stages = ['received', 'in_queue', 'with_agent', 'answered', 'resolved'] as const;

/** When an answer may be expected, in words; '' when nothing honest can be said. `now` in milliseconds. */
export function expectedText(
  r: Pick<Request, 'awaiting' | 'expected_low' | 'expected_high'>,
  locale: ReadingLocale,
  t: Catalogue,
  w: LateCatalogue,
  now: number,
): string {
  const { awaiting, expected_low: low, expected_high: high } = r;
  if (awaiting !== 'us' || high <= 0) return '';
  if (high / 1000 < now) return w.expectedLate;
  const by = soonOf(high, locale, t, now).trim();
  if (low / 1000 <= now) return w.expectedBy(by);
  const from = soonOf(low, locale, t, now).trim();
  if (from === by) return w.expected(by);
  return w.expected(sameDay(low, high) ? `${from}–${timeOf(high, locale)}` : `${from} – ${by}`);
}
