/**
 * Scores how well the query's letters appear in order in the text: higher is better, null when they do not.
 * Runs of letters and starts of words count more, so that "rn" finds "Resolve now" before "return".
 */
export function score(query: string, text: string): number | null {
  const q = query.trim().toLowerCase().replace(/\s+/g, '');
  if (q === '') return 0;
  const t = text.toLowerCase();
  const direct = t.indexOf(query.trim().toLowerCase());
  if (direct !== -1) return 1000 - direct - t.length / 100;
  let total = 0;
  let at = 0;
  let run = 0;
  for (const letter of q) {
    const found = t.indexOf(letter, at);
    if (found === -1) return null;
    run = found === at ? run + 1 : 0;
    const startsWord = found === 0 || /[\s\-/·:]/.test(t.charAt(found - 1));
    total += 1 + run * 2 + (startsWord ? 6 : 0) - Math.min(found - at, 10) / 10;
    at = found + letter.length;
  }
  return total;
}

/** The items that match, best first; ties keep their order. */
export function filter<T>(query: string, items: readonly T[], text: (item: T) => string): T[] {
  return items
    .map((item, index) => ({ item, index, value: score(query, text(item)) }))
    .filter((x): x is { item: T; index: number; value: number } => x.value !== null)
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .map((x) => x.item);
}
