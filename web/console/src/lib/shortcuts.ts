// Single keys outside inputs, two-key sequences that start with g, and the palette's chord.

export type ShortcutId =
  | 'next'
  | 'previous'
  | 'open'
  | 'reply'
  | 'note'
  | 'assign'
  | 'resolve'
  | 'unread'
  | 'priority'
  | 'hand-over'
  | 'take'
  | 'presence'
  | 'search'
  | 'go-mine'
  | 'go-unassigned'
  | 'go-all'
  | 'go-queue'
  | 'go-help'
  | 'create'
  | 'help'
  | 'palette'
  | 'escape';

/** The keys of each action as people read them; two entries are pressed one after the other. */
export const keys: Readonly<Record<ShortcutId, readonly string[]>> = {
  next: ['j'],
  previous: ['k'],
  open: ['Enter'],
  reply: ['r'],
  note: ['n'],
  assign: ['a'],
  resolve: ['e'],
  unread: ['u'],
  priority: ['p'],
  'hand-over': ['h'],
  take: ['q'],
  presence: ['s'],
  search: ['/'],
  'go-mine': ['g', 'i'],
  'go-unassigned': ['g', 'u'],
  'go-all': ['g', 'a'],
  'go-queue': ['g', 'q'],
  'go-help': ['g', 'h'],
  create: ['c'],
  help: ['?'],
  palette: ['Mod', 'K'],
  escape: ['Esc'],
};

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  /** True while an input method composes: its keys are not ours. */
  isComposing: boolean;
  /** True when the keys go into a text field. */
  typing: boolean;
  /** True when Enter and Space already mean something (a focused button or link). */
  onControl: boolean;
}

const single: Readonly<Record<string, ShortcutId>> = {
  j: 'next',
  k: 'previous',
  r: 'reply',
  n: 'note',
  a: 'assign',
  e: 'resolve',
  u: 'unread',
  p: 'priority',
  h: 'hand-over',
  q: 'take',
  s: 'presence',
  c: 'create',
  '/': 'search',
  '?': 'help',
};
const afterG: Readonly<Record<string, ShortcutId>> = {
  i: 'go-mine',
  u: 'go-unassigned',
  a: 'go-all',
  q: 'go-queue',
  h: 'go-help',
};

/** A sequence must be finished within this many milliseconds. */
export const sequenceWindow = 1200;

/** Reads key presses one at a time and says which action, if any, they ask for. */
export class KeyReader {
  #gAt = Number.NEGATIVE_INFINITY;

  /** `now` is in milliseconds, of any clock that only goes forward. */
  press(event: KeyPress, now: number): ShortcutId | null {
    if (event.isComposing) return null;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey) return 'palette';
    if (key === 'Escape') return 'escape';
    if (event.typing || event.ctrlKey || event.metaKey || event.altKey) return null;
    if (now - this.#gAt <= sequenceWindow) {
      this.#gAt = Number.NEGATIVE_INFINITY;
      const second = afterG[key];
      if (second !== undefined) return second;
    }
    if (key === 'g') {
      this.#gAt = now;
      return null;
    }
    if (key === 'Enter') return event.onControl ? null : 'open';
    return single[key] ?? null;
  }
}

/** Describes a browser's event for the reader. */
export function describe(event: KeyboardEvent): KeyPress {
  const target = event.target instanceof Element ? event.target : null;
  const typing =
    target?.closest(
      'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]',
    ) != null;
  const onControl = target?.closest('button, a[href], [role=menuitem], [role=option], [role=tab]') != null;
  const { key, ctrlKey, metaKey, altKey, isComposing } = event;
  return { key, ctrlKey, metaKey, altKey, isComposing, typing, onControl };
}
