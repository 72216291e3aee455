// What the area on screen does with the console's keys and adds to the palette. Areas load when they are first opened;
// this is where they say so.

import type { Command } from './commands';
import type { ShortcutId } from './shortcuts';

export interface AreaActions {
  /** The action for a key; undefined leaves it to the console. */
  key?: (id: ShortcutId) => (() => void) | undefined;
  commands?: () => Command[];
}

const offers = new Set<AreaActions>();

/** Puts actions in force beside those already there; the returned function takes them back. */
export function offer(actions: AreaActions): () => void {
  offers.add(actions);
  return () => {
    offers.delete(actions);
  };
}

export function areaKey(id: ShortcutId): (() => void) | undefined {
  for (const { key } of offers) {
    const run = key?.(id);
    if (run !== undefined) return run;
  }
  return undefined;
}

export function areaCommands(): Command[] {
  return [...offers].flatMap(({ commands }) => commands?.() ?? []);
}
