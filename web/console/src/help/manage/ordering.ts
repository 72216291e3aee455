/** The list with the item at `from` moved to `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const out = [...list];
  const [item] = out.splice(from, 1);
  if (item !== undefined) out.splice(to, 0, item);
  return out;
}

/** The items whose position must change so that positions rise along the list, in steps of ten. */
export function positions<T extends { position: number }>(
  list: readonly T[],
): { item: T; position: number }[] {
  return list
    .map((item, i) => ({ item, position: (i + 1) * 10 }))
    .filter(({ item, position }) => item.position !== position);
}
