const plural = new Intl.PluralRules('en');
/** A number of things in English words. */
export const count = (n: number, one: string, other: string) =>
  `${n.toLocaleString('en')} ${plural.select(n) === 'one' ? one : other}`;
