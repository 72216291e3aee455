/** Random numbers that one seed repeats (mulberry32). */
export class Dice {
  private state: number;
  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** [0, 1) */
  readonly roll = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  chance(p: number): boolean {
    return this.roll() < p;
  }
  /** An integer from low to high, both possible. */
  between(low: number, high: number): number {
    return low + Math.floor(this.roll() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.roll() * list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }
  /** Dice of its own for somebody, so that what others do does not change theirs. */
  child(): Dice {
    return new Dice(Math.floor(this.roll() * 2 ** 32));
  }
}
