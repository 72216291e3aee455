// How long something takes or has taken, in the reader's words.

type Unit = 'second' | 'minute' | 'hour' | 'day';

const formats = new Map<string, Intl.NumberFormat>();

function unitFormat(locale: string, unit: Unit): Intl.NumberFormat {
  const key = `${locale} ${unit}`;
  let found = formats.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' });
    formats.set(key, found);
  }
  return found;
}

const sizes: readonly [Unit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "40 sec", "3 min", "1 hr 5 min": the two greatest units, the second only beside hours and days. */
export function duration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.floor(seconds));
  const at = sizes.findIndex(([, size]) => whole >= size);
  const [unit, size] = sizes[at] ?? ['second', 1];
  const first = unitFormat(locale, unit).format(Math.floor(whole / size));
  const next = sizes[at + 1];
  if (next === undefined || unit === 'minute' || unit === 'second') return first;
  const rest = Math.floor((whole % size) / next[1]);
  return rest === 0 ? first : `${first} ${unitFormat(locale, next[0]).format(rest)}`;
}

/** "2–5 min" of a range in seconds, rounded outwards; hours from two hours on. */
export function durationRange(low: number, high: number, locale: string): string {
  const [unit, size]: [Unit, number] = high >= 7_200 ? ['hour', 3_600] : ['minute', 60];
  const from = Math.max(1, Math.floor(low / size));
  const to = Math.max(from, Math.ceil(high / size));
  const words = unitFormat(locale, unit);
  return from === to ? words.format(to) : words.formatRange(from, to);
}

/** Whole seconds between a time of the contract and the present. */
export function secondsSince(at: number, now: Date): number {
  return Math.max(0, Math.floor(now.getTime() / 1000 - at / 1e6));
}
