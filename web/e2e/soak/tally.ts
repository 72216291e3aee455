/** What was done to people, and what they did, for the line that a run prints. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(what: string, n = 1): void {
    this.counts.set(what, this.of(what) + n);
  }
  of(what: string): number {
    return this.counts.get(what) ?? 0;
  }
  toString(): string {
    return [...this.counts].map(([what, n]) => `${n} ${what}`).join(', ');
  }
}
