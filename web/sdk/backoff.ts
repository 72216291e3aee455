/**
 * Milliseconds to wait before attempt `attempt` (1 = first repetition): doubling from `first`, at most
 * `most`, of which a random half is taken off so that many clients do not return in the same instant.
 * @param random gives [0, 1)
 */
export function backoff(attempt: number, random: () => number, first = 1_000, most = 30_000): number {
  const full = Math.min(most, first * 2 ** Math.min(attempt - 1, 16));
  return Math.round(full * (0.5 + random() / 2));
}
