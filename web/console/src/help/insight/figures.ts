import type { InsightTotals } from '../../../../sdk';

export const spans = [7, 30, 90, 365] as const;
/** A share of fewer votes says nothing about an article. */
export const enoughVotes = 5;

/** The last `days` days up to and with today, as UTC dates. */
export function span(days: number, today: Date): { from: string; to: string } {
  const day = (back: number) => new Date(today.getTime() - back * 86_400_000).toISOString().slice(0, 10);
  return { from: day(days - 1), to: day(0) };
}

/** The helpful share from 0 to 1; null with too few votes to say. */
export function helpfulRate(
  votes: { helpful: number; unhelpful: number },
  enough: number = enoughVotes,
): number | null {
  const all = votes.helpful + votes.unhelpful;
  return all < enough ? null : votes.helpful / all;
}

/** The change against before, 0.25 for a quarter more; null when there was nothing before. */
export function change(now: number, before: number): number | null {
  return before === 0 ? null : now / before - 1;
}

export function share(part: number, totals: Pick<InsightTotals, 'searches'>): number | null {
  return totals.searches === 0 ? null : part / totals.searches;
}

/** A round number at or above the largest value, for the top of an axis. */
export function ceiling(values: readonly number[]): number {
  const most = Math.max(1, ...values);
  const step = 10 ** Math.floor(Math.log10(most));
  const found = [1, 2, 2.5, 5, 10].find((m) => m * step >= most) ?? 10;
  return Math.max(found * step, 4);
}

/** An SVG path through the values, in a box of the given size. */
export function line(values: readonly number[], top: number, width: number, height: number): string {
  const step = values.length < 2 ? 0 : width / (values.length - 1);
  return values
    .map(
      (v, i) => `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${(height - (v / top) * height).toFixed(1)}`,
    )
    .join('');
}
