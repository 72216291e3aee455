import { backoff } from './backoff';
import { RequestError } from './errors';
import { newId } from './ids';
import type { Accepted, Id, Message, ScenarioKey } from './types';

/** A message that the server has not confirmed yet; shown at once, as an echo of what was typed. */
export interface Outgoing {
  readonly clientId: string;
  /** The conversation's id, or `local:…` until the message that opens it was accepted. */
  readonly conversation: Id;
  readonly body: string;
  /** Set on the message that opens a conversation. */
  readonly start?: {
    readonly scenario?: ScenarioKey;
    readonly pageUrl?: string;
    /** What was tried before. */
    readonly came?: { readonly article?: string; readonly query?: string };
  };
  /** Milliseconds since 1970 by this device's clock. */
  readonly createdAt: number;
  /**
   * sending: on its way, or in line behind one that is. waiting: will be tried again by itself.
   * failed: the server refused it for good; only `retry` or `discard` moves it.
   */
  readonly state: 'sending' | 'waiting' | 'failed';
  /** Why it waits or failed. */
  readonly problem?: { readonly kind: RequestError['kind']; readonly code: string; readonly message: string };
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
 */
export class SendQueue {
  private items: Outgoing[];
  private readonly inFlight = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly timers = new Map<Id, ReturnType<typeof setTimeout>>();
  private closed = false;

  constructor(private readonly options: SendQueueOptions) {
    const stored = options.store?.load() ?? [];
    this.items = stored
      .map((i): Outgoing => (i.state === 'waiting' ? { ...i, state: 'sending' } : i))
      .sort((a, b) => a.createdAt - b.createdAt);
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

  /** A message for an existing conversation (also one that is still `local:`). */
  send(conversation: Id, body: string): Outgoing {
    return this.append({ clientId: newId(), conversation, body });
  }

  /** The message that opens a conversation; use the answer's `conversation` until it was accepted. */
  start(body: string, start: NonNullable<Outgoing['start']>): Outgoing {
    const clientId = newId();
    return this.append({ clientId, conversation: `local:${clientId}`, body, start });
  }

  /** Tries a failed or waiting message again now. */
  retry(clientId: string): void {
    const item = this.find(clientId);
    if (!item || this.inFlight.has(clientId)) return;
    // Those behind a refused opening were never tried themselves.
    for (const i of this.pending(item.conversation)) {
      if (i.clientId === clientId || (item.start && i.state === 'failed'))
        this.replace(i.clientId, { state: 'sending' });
    }
    this.attempts.delete(clientId);
    this.pump(item.conversation);
  }

  /** Forgets a message that is not on its way; gives its text, for the composer. */
  discard(clientId: string): string | undefined {
    const item = this.find(clientId);
    if (!item || this.inFlight.has(clientId)) return undefined;
    this.drop(clientId);
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

  private append(message: Omit<Outgoing, 'createdAt' | 'state'>): Outgoing {
    const now = (this.options.now ?? Date.now)();
    const last = this.items[this.items.length - 1]?.createdAt ?? 0;
    const item: Outgoing = { ...message, createdAt: Math.max(now, last + 1), state: 'sending' };
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
    const next = line.find((i) => i.state !== 'failed');
    if (!next) return;
    if (conversation.startsWith('local:') && !next.start) {
      // The opening was refused (or discarded): there is nowhere to send this.
      this.replace(next.clientId, { state: 'failed' });
      return this.pump(conversation);
    }
    if (next.state !== 'sending') this.replace(next.clientId, { state: 'sending' });
    void this.deliver(next);
  }

  private async deliver(item: Outgoing): Promise<void> {
    const { clientId } = item;
    this.inFlight.add(clientId);
    try {
      const accepted = await this.options.deliver(item);
      this.inFlight.delete(clientId);
      this.attempts.delete(clientId);
      // Shown first, dropped second: there is no moment at which neither is on the screen.
      this.options.onAccepted?.(accepted, item.conversation);
      if (this.find(clientId)) this.drop(clientId);
      if (item.start) this.rename(item.conversation, accepted.conversation.id);
      this.pump(accepted.conversation.id);
    } catch (error) {
      this.inFlight.delete(clientId);
      this.failed(clientId, error);
    }
  }

  private failed(clientId: string, error: unknown): void {
    // Confirmed by its echo meanwhile: the failure concerns the answer, not the message.
    const item = this.find(clientId);
    if (!item) return;
    const kind = error instanceof RequestError ? error.kind : 'permanent';
    const code = error instanceof RequestError ? error.code : '';
    const problem = { kind, code, message: error instanceof Error ? error.message : String(error) };
    this.replace(clientId, { state: kind === 'permanent' ? 'failed' : 'waiting', problem });
    if (kind === 'permanent') return this.pump(item.conversation);
    const attempt = (this.attempts.get(clientId) ?? 0) + 1;
    this.attempts.set(clientId, attempt);
    if (this.closed) return;
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

  private drop(clientId: string): void {
    this.items = this.items.filter((i) => i.clientId !== clientId);
    this.attempts.delete(clientId);
    this.options.store?.remove(clientId);
    this.options.onChange?.();
  }

  /** The conversation has its real id now. */
  private rename(from: Id, to: Id): void {
    if (from === to) return;
    for (const i of this.pending(from)) this.replace(i.clientId, { conversation: to });
  }
}
