// What agents have sent and the server has not confirmed. The queue itself is the sdk's; here each message also carries
// what only staff have: who may see it, and which sequence its author had read.

import {
  SendQueue,
  type Accepted,
  type Id,
  type Outgoing,
  type OutboxStore,
  type Seq,
  type StaffApi,
} from '../../../sdk';
import type { OutgoingFile } from '../../../sdk/send_queue';

export interface Terms {
  visibility: 'public' | 'note';
  /** The last sequence on the author's screen; undefined sends whatever the customer wrote meanwhile. */
  expectSeq?: Seq;
}

/** A message of the queue with its terms. */
export type Pending = Outgoing & Terms;

export interface Shelf {
  /** Every stored entry, as it was put. */
  all(): unknown[];
  put(key: string, value: unknown): void;
  drop(key: string): void;
}

export interface OutboxOptions {
  api: Pick<StaffApi, 'reply'>;
  shelf: Shelf;
  onAccepted: (accepted: Accepted) => void;
  /** The customer wrote first: the words come back for the composer. */
  onStale: (pending: Pending) => void;
  random?: () => number;
  now?: () => number;
}

function isPending(value: unknown): value is Pending {
  if (typeof value !== 'object' || value === null) return false;
  const v = value as Partial<Pending>;
  return (
    typeof v.clientId === 'string' &&
    typeof v.conversation === 'string' &&
    typeof v.body === 'string' &&
    typeof v.createdAt === 'number'
  );
}

export class Outbox {
  /** Oldest first, over all conversations. */
  items: readonly Pending[] = $state.raw([]);
  readonly #terms = new Map<string, Terms>();
  readonly #queue: SendQueue;
  #next: Terms = { visibility: 'note' };

  constructor(options: OutboxOptions) {
    const store: OutboxStore = {
      load: () =>
        options.shelf
          .all()
          .filter(isPending)
          .map((p) => {
            this.#terms.set(p.clientId, {
              visibility: p.visibility === 'public' ? 'public' : 'note',
              ...(p.expectSeq === undefined ? {} : { expectSeq: p.expectSeq }),
            });
            return p;
          }),
      // The queue saves a message before it first delivers it, so its terms are known by then.
      save: (item) => {
        if (!this.#terms.has(item.clientId)) this.#terms.set(item.clientId, this.#next);
        options.shelf.put(item.clientId, this.#with(item));
      },
      remove: (clientId) => {
        options.shelf.drop(clientId);
      },
    };
    this.#queue = new SendQueue({
      store,
      deliver: (item) => options.api.reply(item.conversation, this.#request(item)),
      onAccepted: options.onAccepted,
      onChange: () => {
        this.#changed(options.onStale);
      },
      ...(options.random && { random: options.random }),
      ...(options.now && { now: options.now }),
    });
    this.#read();
  }

  /** Gives the client id under which the server will know the message. */
  send(conversation: Id, body: string, terms: Terms, files: readonly OutgoingFile[] = []): string {
    this.#next = terms;
    return this.#queue.send(conversation, body, files).clientId;
  }

  pending(conversation: Id): Pending[] {
    return this.items.filter((i) => i.conversation === conversation);
  }

  retry(clientId: string): void {
    this.#queue.retry(clientId);
  }

  /** Gives the text and terms back, or null when the message is on its way. */
  takeBack(clientId: string): Pending | null {
    const item = this.items.find((i) => i.clientId === clientId);
    if (item === undefined || this.#queue.discard(clientId) === undefined) return null;
    this.#terms.delete(clientId);
    return item;
  }

  confirm(message: Parameters<SendQueue['confirm']>[0]): void {
    this.#queue.confirm(message);
  }

  /** The network is back, or a session is open again. */
  wake(): void {
    this.#queue.wake();
  }

  close(): void {
    this.#queue.close();
  }

  #with(item: Outgoing): Pending {
    return { ...item, ...(this.#terms.get(item.clientId) ?? { visibility: 'note' }) };
  }

  #request(item: Outgoing): {
    client_id: string;
    body: string;
    visibility: 'public' | 'note';
    expect_seq?: Seq;
    attachments?: Id[];
  } {
    const { visibility, expectSeq } = this.#with(item);
    const attachments = (item.files ?? []).flatMap((f) => (f.id === undefined ? [] : [f.id]));
    return {
      client_id: item.clientId,
      body: item.body,
      visibility,
      ...(expectSeq === undefined ? {} : { expect_seq: expectSeq }),
      ...(attachments.length === 0 ? {} : { attachments }),
    };
  }

  #read(): void {
    this.items = this.#queue.all().map((i) => this.#with(i));
  }

  #changed(onStale: (pending: Pending) => void): void {
    this.#read();
    const stale = this.items.find((i) => i.state === 'failed' && i.problem?.code === 'stale');
    if (stale === undefined) return;
    const back = this.takeBack(stale.clientId);
    if (back !== null) onStale(back);
  }
}

/** A shelf in localStorage, per agent, an entry a message. */
export function browserShelf(storage: Storage, agentId: Id): Shelf {
  const prefix = `veridesk.outbox.${agentId}.`;
  return {
    all: () => {
      const found: unknown[] = [];
      try {
        for (let i = 0; i < storage.length; i++) {
          const key = storage.key(i);
          if (key?.startsWith(prefix) === true) found.push(JSON.parse(storage.getItem(key) ?? 'null'));
        }
      } catch {
        return found; // unreadable or forbidden: nothing that could be sent
      }
      return found;
    },
    put: (key, value) => {
      try {
        storage.setItem(prefix + key, JSON.stringify(value));
      } catch {
        // Full: the message is still in memory and on the screen until the server has it.
      }
    },
    drop: (key) => {
      try {
        storage.removeItem(prefix + key);
      } catch {
        // Nothing was stored then.
      }
    },
  };
}
