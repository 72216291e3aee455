// Unsent words, kept per person, conversation and mode in this browser. A draft is never thrown away by switching,
// reloading or signing out; only sending or emptying the box removes it.

import { SvelteMap } from 'svelte/reactivity';

export type Mode = 'reply' | 'note';

/** The part of Storage that drafts need; tests pass a Map-backed one. */
export interface Box {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class Drafts {
  readonly #box: Box;
  readonly #who: string;
  readonly #memory = new SvelteMap<string, string>(); // the truth while the page lives: storage may be full or forbidden

  constructor(box: Box, agentId: string) {
    this.#box = box;
    this.#who = agentId;
  }

  #key(conversationId: string, mode: Mode): string {
    return `veridesk.draft.${this.#who}.${conversationId}.${mode}`;
  }

  read(conversationId: string, mode: Mode): string {
    const key = this.#key(conversationId, mode);
    const held = this.#memory.get(key);
    if (held !== undefined) return held;
    try {
      return this.#box.getItem(key) ?? '';
    } catch {
      return '';
    }
  }

  /** Keeps the text; false when it could be kept only until the page closes. */
  write(conversationId: string, mode: Mode, text: string): boolean {
    const key = this.#key(conversationId, mode);
    this.#memory.set(key, text);
    try {
      if (text === '') this.#box.removeItem(key);
      else this.#box.setItem(key, text);
      return true;
    } catch {
      return false;
    }
  }

  /** Puts words back that could not be sent, before whatever has been written since. */
  restore(conversationId: string, mode: Mode, text: string): void {
    const since = this.read(conversationId, mode);
    this.write(conversationId, mode, since.trim() === '' ? text : `${text}\n\n${since}`);
  }

  has(conversationId: string): boolean {
    return this.read(conversationId, 'reply') !== '' || this.read(conversationId, 'note') !== '';
  }
}
