import { backoff } from './backoff';
import { RequestError } from './errors';
import { newId } from './ids';
import type { Accepted, Id, Message, ScenarioKey } from './types';

/** A file of a message that is not sent yet. */
export interface OutgoingFile {
  /** Client id of its upload: the same file goes on where it stopped. */
  readonly key: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** As the browser sees it; the server decides by content. */
  readonly mime: string;
  /** Milliseconds since 1970, to recognise a file that is chosen again; 0 when not known. */
  readonly modified: number;
  /** Pixels, when this device could read the picture. */
  readonly width?: number;
  readonly height?: number;
  /** The upload's id, as soon as the server has all of it. */
  readonly id?: Id;
}

/** A message that the server has not confirmed yet; shown at once, as an echo of what was typed. */
export interface Outgoing {
  readonly clientId: string;
  /** The conversation's id, or `local:…` until the message that opens it was accepted. */
  readonly conversation: Id;
  readonly body: string;
  readonly files?: readonly OutgoingFile[];
  /** Id of the customer who wrote it; absent when written by somebody not signed in. */
  readonly owner?: Id;
  /** Set on the message that opens a conversation. */
  readonly start?: Start;
  /** Milliseconds since 1970 by this device's clock. */
  readonly createdAt: number;
  /**
   * sending: on its way, or in line behind one that is. waiting: will be tried again by itself.
   * uploading: its files are not there yet; what is written after it goes first.
   * failed: the server refused it for good; only `retry` or `discard` moves it.
   */
  readonly state: 'uploading' | 'sending' | 'waiting' | 'failed';
  readonly problem?: Problem;
}

/** Why a message waits or failed. */
export interface Problem {
  readonly kind: RequestError['kind'];
  readonly code: string;
  readonly message: string;
}

/** What goes with the message that opens a conversation. */
export interface Start {
  readonly scenario?: ScenarioKey;
  readonly pageUrl?: string;
  /** What was tried before. */
  readonly came?: { readonly article?: string; readonly query?: string };
  /** Values of PreparedField by key. */
  readonly prepared?: Readonly<Record<string, string>>;
  /** Left while nobody is there. */
  readonly mode?: 'live' | 'message';
  readonly replyEmail?: string;
  readonly entity?: string;
}

/** Where unsent messages survive a reload; one entry per message, so that two tabs do not overwrite each other. */
export interface OutboxStore {
  load(): Outgoing[];
  save(item: Outgoing): void;
  remove(clientId: string): void;
}

export interface SendQueueOptions {
  /** Sends one message under its client id; called again with the same id after a failure. */
  deliver: (item: Outgoing) => Promise<Accepted>;
  store?: OutboxStore;
  onChange?: () => void;
  /** A message was stored by the server: show it in place of its echo. `from` was its conversation until now. */
  onAccepted?: (accepted: Accepted, from: Id) => void;
  random?: () => number;
  now?: () => number;
}

/**
 * Sends messages in the order they were written, one at a time per conversation, each exactly once as
 * far as anybody can see: the server recognises a repeated client id, and a message that comes back by
 * another road (realtime, another request) is confirmed whatever becomes of its own answer.
 *
 * Words never wait for files: a message whose files are still on their way stands aside until they are
 * there, and what is written meanwhile goes first, even when that opens the conversation. A file that is
 * refused leaves the others alone.
 *
 * What one customer wrote is never sent, or shown, as another's: see `become`.
 */
export class SendQueue {
  /** Everything of whoever is signed in. */
  private items: Outgoing[] = [];
  /** Left by a customer who is not signed in now. */
  private aside: Outgoing[] = [];
  private owner: Id = '';
  /** Counts the changes of identity after which an answer is no longer for whoever is here now. */
  private era = 0;
  private readonly inFlight = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Map<Id, ReturnType<typeof setTimeout>>();
  private closed = false;

  constructor(private readonly options: SendQueueOptions) {
    const stored = (options.store?.load() ?? [])
      .map((i): Outgoing => (i.state === 'waiting' ? { ...i, state: 'sending' } : i))
      .sort((a, b) => a.createdAt - b.createdAt);
    this.items = stored.filter((i) => !i.owner);
    this.aside = stored.filter((i) => i.owner);
  }

  /**
   * Who is signed in now: a customer's contact id, or '' for nobody. An anonymous visitor who signs in
   * keeps what is unsent; another customer finds nothing of the one before; while nobody is signed in, a
   * customer's messages neither leave nor show.
   */
  become(owner: Id): void {
    if (owner === this.owner) return;
    if (this.owner) this.era++;
    this.owner = owner;
    const all = [...this.items, ...this.aside].sort((a, b) => a.createdAt - b.createdAt);
    this.items = all.filter((i) => !i.owner || i.owner === owner);
    this.aside = all.filter((i) => i.owner && i.owner !== owner);
    if (owner) {
      for (const i of this.aside) this.options.store?.remove(i.clientId);
      this.aside = [];
      for (const i of this.items) if (!i.owner) this.replace(i.clientId, { owner });
    }
    this.options.onChange?.();
    this.wake();
  }

  /** Forgets every message, here and in the store. */
  clear(): void {
    for (const i of [...this.items, ...this.aside]) this.options.store?.remove(i.clientId);
    for (const t of this.timers.values()) clearTimeout(t);
    this.timers.clear();
    this.attempts.clear();
    this.items = this.aside = [];
    this.owner = '';
    this.era++;
    this.options.onChange?.();
  }

  /** The customer to whom the messages belong; '' for somebody not signed in. */
  get whose(): Id {
    return this.owner;
  }

  /** Whether this message may leave now; ask again right before it does. */
  has(clientId: string): boolean {
    return this.find(clientId) !== undefined;
  }

  /** Unconfirmed messages of a conversation, oldest first. The array is a copy. */
  pending(conversation: Id): Outgoing[] {
    return this.items.filter((i) => i.conversation === conversation);
  }
  /** Everything unconfirmed, oldest first. */
  all(): readonly Outgoing[] {
    return this.items;
  }

  /** Sends what an earlier visit left behind. Call once, when deliveries can succeed. */
  resume(): void {
    this.wake();
  }

  /** A message for an existing conversation (also one that is still `local:`); text or files may be missing. */
  send(conversation: Id, body: string, files: readonly OutgoingFile[] = []): Outgoing {
    return this.write({ clientId: newId(), conversation, body }, files);
  }

  /** The message that opens a conversation; use the answer's `conversation` until it was accepted. */
  start(body: string, start: Start, files: readonly OutgoingFile[] = []): Outgoing {
    const clientId = newId();
    return this.write({ clientId, conversation: `local:${clientId}`, body, start }, files);
  }

  /**
   * What `change` gives stands in place of the message that carries this file (see send_files.ts); a
   * message that is on its way stays as it is.
   */
  editFile(key: string, change: (item: Outgoing, file: OutgoingFile) => readonly Outgoing[]): void {
    const item = this.items.find((i) => i.files?.some((f) => f.key === key));
    const file = item?.files?.find((f) => f.key === key);
    if (!item || !file || this.inFlight.has(item.clientId)) return;
    const next = change(item, file).map((i) =>
      i.state === 'uploading' && complete(i.files) ? { ...i, state: 'sending' as const } : i,
    );
    this.items = this.items.flatMap((i) => (i === item ? next : [i]));
    for (const i of next) this.options.store?.save(i);
    if (!this.find(item.clientId)) this.drop(item.clientId, item);
    else this.options.onChange?.();
    this.pump(item.conversation);
  }

  /** Tries a failed or waiting message again now. */
  retry(clientId: string): void {
    const item = this.find(clientId);
    if (!item || this.inFlight.has(clientId)) return;
    // Those behind a refused opening were never tried themselves.
    for (const i of this.pending(item.conversation)) {
      if (i.clientId === clientId || (item.start && i.state === 'failed'))
        this.replace(i.clientId, { state: complete(i.files) ? 'sending' : 'uploading' });
    }
    this.attempts.delete(clientId);
    this.pump(item.conversation);
  }

  /** Forgets a message that is not on its way; gives its text, for the composer. */
  discard(clientId: string): string | undefined {
    const item = this.find(clientId);
    if (!item || this.inFlight.has(clientId)) return undefined;
    this.drop(clientId, item);
    this.pump(item.conversation);
    return item.body;
  }

  /** A message arrived from the server by whatever road; if it is one of ours, it is no longer pending. */
  confirm(message: Message): void {
    const item = message.client_id ? this.find(message.client_id) : undefined;
    if (!item) return;
    this.drop(item.clientId);
    if (item.start) this.rename(item.conversation, message.conversation_id);
    this.pump(message.conversation_id);
  }

  /** The network is back or the page is visible again: whatever waits is tried now. */
  wake(): void {
    for (const i of this.items) if (i.state === 'waiting') this.replace(i.clientId, { state: 'sending' });
    for (const conversation of new Set(this.items.map((i) => i.conversation))) this.pump(conversation);
  }

  close(): void {
    this.closed = true;
    for (const t of this.timers.values()) clearTimeout(t);
    this.timers.clear();
  }

  /** Text and files are one message, unless the files are still on their way: then they follow as another. */
  private write(message: Omit<Outgoing, 'createdAt' | 'state'>, files: readonly OutgoingFile[]): Outgoing {
    if (files.length === 0) return this.append(message);
    if (!message.body || complete(files)) return this.append({ ...message, files });
    const words = this.append(message);
    this.append({ clientId: newId(), conversation: message.conversation, body: '', files });
    return words;
  }

  private append(message: Omit<Outgoing, 'createdAt' | 'state'>): Outgoing {
    const now = (this.options.now ?? Date.now)();
    const last = this.items[this.items.length - 1]?.createdAt ?? 0;
    const item: Outgoing = {
      ...message,
      ...(this.owner && { owner: this.owner }),
      createdAt: Math.max(now, Math.floor(last) + 1),
      state: complete(message.files) ? 'sending' : 'uploading',
    };
    this.items = [...this.items, item];
    this.options.store?.save(item);
    this.options.onChange?.();
    this.pump(item.conversation);
    return item;
  }

  /** Sends the first message in line, unless one is on its way or waits for its time. */
  private pump(conversation: Id): void {
    if (this.closed) return;
    const timer = this.timers.get(conversation);
    if (timer !== undefined) clearTimeout(timer);
    this.timers.delete(conversation);
    const line = this.pending(conversation);
    if (line.some((i) => this.inFlight.has(i.clientId))) return;
    let next = line.find((i) => i.state !== 'failed' && i.state !== 'uploading');
    if (!next) return;
    if (conversation.startsWith('local:') && !next.start) {
      // One that still lacks a file was never sent.
      const opening = line.find((i) => i.start && !complete(i.files));
      if (!opening) {
        // The opening was refused (or discarded): there is nowhere to send this.
        this.replace(next.clientId, { state: 'failed' });
        return this.pump(conversation);
      }
      next = this.passOn(opening, next);
    }
    if (next.state !== 'sending') this.replace(next.clientId, { state: 'sending' });
    void this.deliver(next);
  }

  /** Another message opens the conversation, so that words need not wait for files. */
  private passOn({ start, ...from }: Outgoing, to: Outgoing): Outgoing {
    if (this.find(from.clientId)) {
      this.items = this.items.map((i) => (i.clientId === from.clientId ? from : i));
      this.options.store?.save(from);
    }
    if (start) this.replace(to.clientId, { start });
    return this.find(to.clientId) ?? to;
  }

  private async deliver(item: Outgoing): Promise<void> {
    const { clientId } = item;
    const { era } = this;
    this.inFlight.add(clientId);
    try {
      const accepted = await this.options.deliver(item);
      this.inFlight.delete(clientId);
      this.attempts.delete(clientId);
      if (era !== this.era && !this.has(clientId)) return this.settled(clientId);
      // Shown first, dropped second: there is no moment at which neither is on the screen.
      this.options.onAccepted?.(accepted, item.conversation);
      if (this.find(clientId)) this.drop(clientId);
      if (item.start) this.rename(item.conversation, accepted.conversation.id);
      this.pump(accepted.conversation.id);
    } catch (error) {
      this.inFlight.delete(clientId);
      if (era === this.era) this.failed(clientId, error);
      else this.wake();
    }
  }

  /** Accepted from somebody who is not signed in any more: it is where it belongs, but not on this screen. */
  private settled(clientId: string): void {
    this.aside = this.aside.filter((i) => i.clientId !== clientId);
    this.drop(clientId);
  }

  private failed(clientId: string, error: unknown): void {
    // Confirmed by its echo meanwhile: the failure concerns the answer, not the message.
    const item = this.find(clientId);
    // Closed: somebody else may have taken it over from the store, and sent it.
    if (!item || this.closed) return;
    const kind = error instanceof RequestError ? error.kind : 'permanent';
    const code = error instanceof RequestError ? error.code : '';
    const problem = { kind, code, message: error instanceof Error ? error.message : String(error) };
    this.replace(clientId, { state: kind === 'permanent' ? 'failed' : 'waiting', problem });
    if (kind === 'permanent') return this.pump(item.conversation);
    const attempt = (this.attempts.get(clientId) ?? 0) + 1;
    this.attempts.set(clientId, attempt);
    const asked = error instanceof RequestError ? error.retryAfter : 0;
    const delay = Math.max(asked, backoff(attempt, this.options.random ?? Math.random));
    this.timers.set(
      item.conversation,
      setTimeout(() => this.pump(item.conversation), delay),
    );
  }

  private find(clientId: string): Outgoing | undefined {
    return this.items.find((i) => i.clientId === clientId);
  }

  private replace(clientId: string, change: Partial<Outgoing>): void {
    this.items = this.items.map((i) => {
      if (i.clientId !== clientId) return i;
      const next = { ...i, ...change };
      this.options.store?.save(next);
      return next;
    });
    this.options.onChange?.();
  }

  /** With `given`, the message was given up: another must open the conversation that it would have opened. */
  private drop(clientId: string, given?: Outgoing): void {
    this.items = this.items.filter((i) => i.clientId !== clientId);
    this.attempts.delete(clientId);
    this.options.store?.remove(clientId);
    const heir = given?.start && this.pending(given.conversation)[0];
    if (given && heir) this.passOn(given, heir);
    this.options.onChange?.();
  }

  /** The conversation has its real id now. */
  private rename(from: Id, to: Id): void {
    if (from === to) return;
    for (const i of this.pending(from)) this.replace(i.clientId, { conversation: to });
  }
}

const complete = (files: readonly OutgoingFile[] = []) => files.every((f) => f.id !== undefined);
