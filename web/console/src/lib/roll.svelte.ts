// A long list of rows of unknown heights, newest at the end, of which only those near the window are on the page. It
// stays at the end while one is there; otherwise the row that one looks at stays where it is, whatever comes above it.

import { flushSync } from 'svelte';
import { Heights } from './heights';

const guess = 72;
/** Pixels beyond the window that are on the page too. */
const beyond = 1_000;
/** Rows at first, before anything can be measured. */
const firstRows = 30;
/** Corrections in one go; each measures what the one before has put on the page. */
const rounds = 5;

export class Roll {
  /** Rows on the page, half open. */
  range: readonly [from: number, to: number] = $state.raw([0, 0]);
  /** Pixels that stand for the rows before and after. */
  above = $state(0);
  below = $state(0);
  /** Near enough to the end to follow what comes. */
  atEnd = $state(true);
  /** Follow the end; off while there is more that is not loaded. */
  follows = true;

  readonly #heights = new Heights(guess);
  readonly #rows = new Map<number, HTMLElement>();
  #viewport: HTMLElement | null = null;
  #list: HTMLElement | null = null;
  #pinned = true;
  /** The row to keep in its place, and where it is: pixels below the top of the window. */
  #anchor: { key: number; offset: number } | null = null;

  /** The element that scrolls and the one that holds the rows; returns the function that lets go of them. */
  attach(viewport: HTMLElement, list: HTMLElement): () => void {
    this.#viewport = viewport;
    this.#list = list;
    // Absent in tests without a layout; everywhere else rows change their height when the window does.
    const resized =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(() => {
            this.settle();
          });
    resized?.observe(list);
    resized?.observe(viewport);
    return () => {
      resized?.disconnect();
      this.#viewport = null;
      this.#list = null;
    };
  }

  /** The rows in order, by key; call `settle` once they are on the page. */
  set(keys: readonly number[]): void {
    this.#heights.set(keys);
    if (this.#viewport === null || this.range[1] === 0) {
      const from = Math.max(0, keys.length - firstRows);
      this.#arrange([from, keys.length]);
    } else this.#arrange(this.#around(this.#wanted()));
  }

  /** For every row on the page. */
  row = (element: HTMLElement, key: number) => {
    this.#rows.set(key, element);
    return {
      destroy: () => {
        if (this.#rows.get(key) === element) this.#rows.delete(key);
      },
    };
  };

  /** Measures what is on the page and puts everything where it belongs. */
  settle(): void {
    const viewport = this.#viewport;
    if (viewport === null) return;
    for (let i = 0; i < rounds; i++) {
      const changed = this.#measure();
      this.#arrange(this.#around(this.#wanted()));
      flushSync();
      const to = this.#wanted();
      if (Math.abs(viewport.scrollTop - to) >= 1) viewport.scrollTop = to;
      if (!changed && i > 0) return;
    }
  }

  scrolled(): void {
    const viewport = this.#viewport;
    if (viewport === null) return;
    this.#look(viewport);
    this.#hold();
    this.#arrange(this.#around(viewport.scrollTop));
    flushSync();
    if (this.#measure()) this.settle();
  }

  toEnd(): void {
    this.#pinned = true;
    this.atEnd = true;
    this.settle();
  }

  /** Brings a row into the middle of the window; false when there is no such row. */
  show(key: number): boolean {
    if (this.#heights.indexOf(key) === -1 || this.#viewport === null) return false;
    this.#pinned = false;
    this.atEnd = false;
    this.#anchor = { key, offset: Math.round(this.#viewport.clientHeight * 0.4) };
    this.settle();
    this.#look(this.#viewport);
    return true;
  }

  /** Whether the end is in sight. */
  #look(viewport: HTMLElement): void {
    const left = viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight;
    this.atEnd = this.follows && left < 48;
    this.#pinned = this.follows && left < 4;
  }

  element(key: number): HTMLElement | undefined {
    return this.#rows.get(key);
  }

  /** How far to scroll for everything to be where it should. */
  #wanted(): number {
    const viewport = this.#viewport;
    if (viewport === null) return 0;
    const most = Math.max(0, viewport.scrollHeight - viewport.clientHeight);
    if (this.#pinned && this.follows) return most;
    const at = this.#anchor === null ? -1 : this.#heights.indexOf(this.#anchor.key);
    if (at === -1 || this.#anchor === null) return viewport.scrollTop;
    return Math.max(0, this.#first() + this.#heights.top(at) - this.#anchor.offset);
  }

  /** Remembers the first row in the window. */
  #hold(): void {
    const viewport = this.#viewport;
    if (viewport === null || this.#heights.count === 0) return;
    const y = viewport.scrollTop - this.#first();
    const i = this.#heights.rowAt(y);
    const key = this.#heights.key(i);
    if (key !== undefined) this.#anchor = { key, offset: this.#heights.top(i) - y };
  }

  #first(): number {
    return this.#list?.offsetTop ?? 0;
  }

  #around(scrollTop: number): [number, number] {
    const height = this.#viewport?.clientHeight ?? 0;
    return this.#heights.range(scrollTop - this.#first() - beyond, height + 2 * beyond);
  }

  #arrange([from, to]: [number, number]): void {
    if (from !== this.range[0] || to !== this.range[1]) this.range = [from, to];
    this.above = this.#heights.top(from);
    this.below = this.#heights.total - this.#heights.top(to);
  }

  #measure(): boolean {
    let changed = false;
    for (const [key, element] of this.#rows) {
      const { height } = element.getBoundingClientRect();
      if (height > 0 && this.#heights.measure(key, height)) changed = true;
    }
    return changed;
  }
}
