import { tick } from 'svelte';
import { RowWindow, type Range } from './row_window';
import type { Row } from './rows';

/** Rows up to this many are simply all there. */
export const few = 150;

/** What a list needs to know of what is around it. */
export interface Around {
  rows(): readonly Row[];
  /** What scrolls. */
  box(): HTMLElement | undefined;
  /** Whose children are the rows of `range`, with the room of the others as padding. */
  list(): HTMLElement | undefined;
  atEnd(): boolean;
}

/**
 * A thread of which not everything is in the document: keeps what is read where it is while rows come and
 * go above it, and of more than a few rows holds only those near what is looked at. Loaded when somebody
 * scrolls back, or when a thread is long.
 */
export class LongList {
  /** Undefined: all of them. */
  range = $state.raw<Range | undefined>();
  private readonly window = new RowWindow();
  /** A row that stays the same when others come before it, and how many of the range are above it. */
  private pin = { key: '', above: 0 };

  constructor(private readonly o: Around) {}

  /** The rows will be others: call before the document changes. */
  fit(): void {
    const rows = this.o.rows();
    const box = this.o.box();
    if (!this.o.atEnd()) this.hold();
    if (rows.length <= few) return this.set(undefined);
    if (!box || this.o.atEnd()) return this.set(this.window.end(rows, box?.clientHeight || 800));
    const { from, to } = this.range ?? { from: 0, to: few };
    const at = Math.max(0, rows.findIndex((r) => r.key === this.pin.key) - this.pin.above);
    this.set(this.window.between(rows, at, Math.min(rows.length, at + to - from)));
    // What is looked at may be further up than the row that is kept.
    void tick().then(() => this.scrolled());
  }

  scrolled(): void {
    const { range } = this;
    const [box, list] = [this.o.box(), this.o.list()];
    if (!range || !box || !list) return;
    this.measure(list, range);
    const next = this.window.range(this.o.rows(), box.scrollTop - list.offsetTop, box.clientHeight, range);
    if (next.from === range.from && next.to === range.to) return;
    this.hold();
    this.set(next);
  }

  /** Of another width, rows are of other heights. */
  turned(): void {
    this.window.forget();
  }

  private set(next: Range | undefined): void {
    this.range = next;
    const from = next?.from ?? 0;
    const rows = this.o.rows();
    const first = rows.findIndex((r, i) => i >= from && r.kind === 'bubble');
    this.pin = { key: rows[first]?.key ?? '', above: Math.max(0, first - from) };
  }

  private measure(list: HTMLElement, { from }: Range): void {
    const rows = this.o.rows();
    const tops = Array.from(list.children, (e) => e.getBoundingClientRect().top);
    for (const [i, top] of tops.entries()) {
      const [key, next] = [rows[from + i]?.key, tops[i + 1]];
      if (key && next !== undefined) this.window.measured(key, next - top);
    }
  }

  /** Puts the first bubble in view where it was, once the document has changed. */
  private hold(): void {
    const box = this.o.box();
    const edge = box?.getBoundingClientRect().top ?? 0;
    const bubbles = Array.from(this.o.list()?.querySelectorAll('.bubble-row') ?? []);
    const first = bubbles.find((e) => e.getBoundingClientRect().bottom > edge);
    const was = first?.getBoundingClientRect().top ?? 0;
    void tick().then(() => {
      if (box && first?.isConnected) box.scrollTop += first.getBoundingClientRect().top - was;
    });
  }
}
