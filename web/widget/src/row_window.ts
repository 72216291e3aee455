/** Which of many rows are in the document, and how much space the others take above and below. */
export interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Pixels. */
  readonly before: number;
  readonly after: number;
}

type Keyed = { readonly key: string };

/** Rows that nobody has seen yet are taken to be this high; corrected as soon as they are measured. */
const guess = 64;

/**
 * The window of a long list: remembers how high each row was when it was on the screen, and says which
 * rows have to be there for what is looked at, with some to spare so that scrolling shows no blanks.
 */
export class RowWindow {
  private readonly heights = new Map<string, number>();

  measured(key: string, height: number): void {
    if (height > 0) this.heights.set(key, height);
  }
  /** The list is of another width: nothing that was measured holds. */
  forget(): void {
    this.heights.clear();
  }

  /**
   * @param top pixels from the start of the list to the upper edge of what is seen
   * @param view height of what is seen
   * @param now stays as it is while it still covers half a view on either side
   */
  range(rows: readonly Keyed[], top: number, view: number, now?: Range): Range {
    const least = this.cover(rows, top, view, view / 2);
    if (
      now &&
      now.from <= least.from &&
      now.to >= least.to &&
      now.to - now.from < 3 * (least.to - least.from)
    ) {
      return this.between(rows, now.from, Math.min(now.to, rows.length));
    }
    return this.cover(rows, top, view, view * 1.5);
  }

  /** The last rows, for a reader at the end. */
  end(rows: readonly Keyed[], view: number): Range {
    let from = rows.length;
    for (let height = 0; from > 0 && height < view * 2.5; from--) height += this.height(rows, from - 1);
    return this.between(rows, from, rows.length);
  }

  private cover(rows: readonly Keyed[], top: number, view: number, spare: number): Range {
    let from = 0;
    let at = 0;
    for (; from < rows.length - 1; from++) {
      const next = at + this.height(rows, from);
      if (next >= top - spare) break;
      at = next;
    }
    let to = from;
    for (; to < rows.length && at < top + view + spare; to++) at += this.height(rows, to);
    return this.between(rows, from, to);
  }

  between(rows: readonly Keyed[], from: number, to: number): Range {
    let before = 0;
    let after = 0;
    for (let i = 0; i < from; i++) before += this.height(rows, i);
    for (let i = to; i < rows.length; i++) after += this.height(rows, i);
    return { from, to, before, after };
  }

  private height(rows: readonly Keyed[], i: number): number {
    return this.heights.get((rows[i] as Keyed).key) ?? guess;
  }
}
