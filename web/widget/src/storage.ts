import type { Outgoing, OutboxStore } from '../../sdk';

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** The browser's storage, or none: a frame on a foreign page may be forbidden to touch it. */
export function pageStorage(): Storage | undefined {
  try {
    const s = window.localStorage;
    s.getItem('veridesk');
    return s;
  } catch {
    return undefined;
  }
}

/** A value that is kept across reloads when the browser lets us, and for this visit when not. */
export class Kept {
  private value: string;
  constructor(
    private readonly storage: Storage | undefined,
    private readonly key: string,
  ) {
    this.value = storage?.getItem(key) ?? '';
  }
  get(): string {
    return this.value;
  }
  set(value: string, inMemory = false): void {
    this.value = value;
    if (inMemory) return;
    quietly(() => (value ? this.storage?.setItem(this.key, value) : this.storage?.removeItem(this.key)));
  }
}

/** Kept like any value, until it is a customer's: from then on in memory only. */
export class Secret extends Kept {
  private hidden = false;
  override set(value: string): void {
    super.set(value, this.hidden);
  }
  hide(): void {
    super.set('');
    this.hidden = true;
  }
}

const prefix = 'veridesk.outbox.';

/** Unsent messages, an entry each. */
export function outbox(storage: Storage | undefined): OutboxStore {
  return {
    load: () => {
      const found: Outgoing[] = [];
      for (let i = 0; i < (storage?.length ?? 0); i++) {
        const key = storage?.key(i);
        const item = key?.startsWith(prefix) && parse(storage?.getItem(key));
        if (item) found.push(item);
      }
      return found;
    },
    save: (item) => quietly(() => storage?.setItem(prefix + item.clientId, JSON.stringify(item))),
    remove: (clientId) => storage?.removeItem(prefix + clientId),
  };
}

function parse(text: string | null | undefined): Outgoing | undefined {
  try {
    const v = JSON.parse(text ?? '') as Outgoing;
    return v.clientId && v.conversation && typeof v.body === 'string' ? v : undefined;
  } catch {
    return undefined;
  }
}

/** Storage may be full. What is kept there is a convenience; the queue in memory goes on without it. */
function quietly(write: () => void): void {
  try {
    write();
  } catch {
    /* see above */
  }
}
