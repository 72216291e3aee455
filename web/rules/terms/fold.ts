// How text is folded before it is compared: a port of Go's internal/fold, as far as searching needs it.

/** Whether a code point is a mark that only decorates a letter. */
function accent(r: number): boolean {
  if (r < 0x300) return false;
  return (
    r <= 0x36f ||
    (r >= 0x1ab0 && r <= 0x1aff) ||
    (r >= 0x1dc0 && r <= 0x1dff) ||
    (r >= 0x20d0 && r <= 0x20ff) ||
    (r >= 0xfe20 && r <= 0xfe2f)
  );
}

const unseen = new Set([0xad, 0x34f, 0x61c, 0x180e, 0xfeff, 0x115f, 0x1160, 0x3164, 0xffa0]);

/** Whether a code point shows nothing and may stand inside words. */
export function invisible(r: number): boolean {
  return (
    unseen.has(r) ||
    (r >= 0x200b && r <= 0x200f) ||
    (r >= 0x202a && r <= 0x202e) ||
    (r >= 0x2060 && r <= 0x206f) ||
    (r >= 0xfe00 && r <= 0xfe0f) ||
    (r >= 0xe0000 && r <= 0xe0fff)
  );
}

const simple = /^[\0-@[-\x7f\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa\uac00-\ud7a3]*$/;

/** The comparison form of text: compatibility forms unified, lower case, without accents and invisible characters. */
export function foldKey(text: string): string {
  if (simple.test(text)) return text;
  let kept = '';
  for (const c of text.normalize('NFKD')) {
    const r = c.codePointAt(0) as number;
    if (!accent(r) && !invisible(r)) kept += c.toLowerCase();
  }
  return kept.normalize('NFKC');
}

/** From a traditional character to the simplified one. */
export type Simplified = ReadonlyMap<string, string>;

/** Reads a table written as pairs: traditional, simplified, traditional, simplified … */
export function simplifiedFrom(pairs: string): Simplified {
  const all = Array.from(pairs);
  const table = new Map<string, string>();
  for (let i = 0; i + 1 < all.length; i += 2) table.set(all[i] as string, all[i + 1] as string);
  return table;
}

/** How many bytes text takes in UTF-8: the limits of words are counted so. */
export function utf8Length(text: string): number {
  let n = 0;
  for (const c of text) {
    const r = c.codePointAt(0) as number;
    n += r < 0x80 ? 1 : r < 0x800 ? 2 : r < 0x10000 ? 3 : 4;
  }
  return n;
}
