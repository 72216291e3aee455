// Where the rows of a long list lie, some measured and the others guessed: enough to put only those on the page that
// can be seen, and to keep a row where it is while others change above it.

export class Heights {
  readonly #measured = new Map<number, number>();
  readonly #index = new Map<number, number>();
  #keys: readonly number[] = [];
  #tops: number[] = [0];
  #dirty = false;

  /** `guess` is the height of a row that has not been seen, in pixels. */
  constructor(private readonly guess: number) {}

  /** The rows in order; what was measured of a key is remembered. */
  set(keys: readonly number[]): void {
    this.#keys = keys;
    this.#index.clear();
    for (const [i, key] of keys.entries()) this.#index.set(key, i);
    this.#dirty = true;
  }

  /** True when it changes anything. */
  measure(key: number, height: number): boolean {
    if (this.#measured.get(key) === height) return false;
    this.#measured.set(key, height);
    this.#dirty = true;
    return true;
  }

  get count(): number {
    return this.#keys.length;
  }
  get total(): number {
    return this.#at(this.#keys.length);
  }
  key(i: number): number | undefined {
    return this.#keys[i];
  }
  /** -1 when there is no such row. */
  indexOf(key: number): number {
    return this.#index.get(key) ?? -1;
  }
  /** Pixels above row `i`; of the count, the height of all. */
  top(i: number): number {
    return this.#at(Math.min(Math.max(i, 0), this.#keys.length));
  }

  /** The row at a distance from the top; the first or last beyond the ends. */
  rowAt(y: number): number {
    let low = 0;
    let high = this.#keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#at(middle) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  /** The rows from `y` over `height` pixels, half open. */
  range(y: number, height: number): [from: number, to: number] {
    if (this.#keys.length === 0) return [0, 0];
    return [this.rowAt(y), this.rowAt(Math.max(y, 0) + height) + 1];
  }

  #at(i: number): number {
    if (this.#dirty) this.#layOut();
    return this.#tops[i] ?? 0;
  }

  #layOut(): void {
    this.#dirty = false;
    const tops = new Array<number>(this.#keys.length + 1);
    let y = 0;
    for (const [i, key] of this.#keys.entries()) {
      tops[i] = y;
      y += this.#measured.get(key) ?? this.guess;
    }
    tops[this.#keys.length] = y;
    this.#tops = tops;
  }
}
