/** The shape of a catalogue without its words: what another language must provide. */
export type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends readonly [string, string]
      ? [string, string]
      : { [K in keyof T]: Widen<T[K]> };
