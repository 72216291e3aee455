import type { Message, MessagePage, Seq } from './types';

/**
 * The messages of one conversation as known here: in order, each once, and aware of what is missing.
 *
 * Pushed messages may come late, twice, out of order or never. `knownUntil` is the sequence up to which
 * nothing that this reader may see is missing; while `gap` is true, ask the server for everything
 * after `knownUntil` and give the answer to `mergeSince`.
 */
export class Timeline {
  private list: Message[] = [];
  private readonly clientIds = new Set<string>();
  private until: Seq = 0;
  private older = false;

  /** A visitor's messages have holes where notes are and therefore carry `prev`; staff see every sequence. */
  constructor(private readonly reader: 'visitor' | 'staff') {}

  /** Ascending by sequence. The array is replaced, never changed. */
  get messages(): readonly Message[] {
    return this.list;
  }
  get knownUntil(): Seq {
    return this.until;
  }
  get gap(): boolean {
    return this.last > this.until;
  }
  /** Whether the server has messages before the first one here. */
  get hasOlder(): boolean {
    return this.older;
  }
  /** Sequence of the first message here; 0 when empty. */
  get first(): Seq {
    return this.list[0]?.seq ?? 0;
  }
  get last(): Seq {
    return this.list[this.list.length - 1]?.seq ?? 0;
  }
  hasClientId(clientId: string): boolean {
    return this.clientIds.has(clientId);
  }

  /** A message that was pushed, or that answers our own send. Gives false when it was known already. */
  add(message: Message): boolean {
    const fresh = this.insert([message]);
    this.advance();
    return fresh;
  }

  /** The latest page: the first thing one asks. */
  mergeLatest(page: MessagePage): void {
    // A page that does not reach back to what is held would leave a hole in the middle: start again from it.
    const first = page.messages[0];
    if (first && page.more && this.before(first) > this.until) this.clear();
    const wasEmpty = this.list.length === 0;
    this.insert(page.messages);
    if (wasEmpty || (first && first.seq <= this.first)) this.older = page.more;
    this.complete(page);
  }

  /** The answer to "everything after `since`"; ignored beyond the first hole when `since` was too late. */
  mergeSince(page: MessagePage, since: Seq): void {
    this.insert(page.messages);
    if (since > this.until) return this.advance();
    const last = page.messages[page.messages.length - 1];
    if (last) this.until = Math.max(this.until, last.seq);
    if (page.more) this.advance();
    else this.complete(page);
  }

  /** The answer to "the messages before `first`". */
  mergeBefore(page: MessagePage): void {
    this.insert(page.messages);
    this.older = page.more;
  }

  private clear(): void {
    this.list = [];
    this.clientIds.clear();
    this.until = 0;
  }

  /** The page reaches to the end of the conversation as it was when the server answered. */
  private complete(page: MessagePage): void {
    const last = page.messages[page.messages.length - 1]?.seq ?? 0;
    this.until = Math.max(this.until, last, page.conversation?.seq ?? 0);
    this.advance();
  }

  private before(m: Message): Seq {
    return this.reader === 'visitor' && m.prev !== undefined ? m.prev : m.seq - 1;
  }

  private advance(): void {
    for (const m of this.list) {
      if (m.seq > this.until && this.before(m) <= this.until) this.until = m.seq;
    }
  }

  private insert(messages: readonly Message[]): boolean {
    let fresh = false;
    const bySeq = new Map(this.list.map((m) => [m.seq, m]));
    for (const m of messages) {
      fresh ||= !bySeq.has(m.seq);
      bySeq.set(m.seq, m);
      if (m.client_id) this.clientIds.add(m.client_id);
    }
    this.list = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
    return fresh;
  }
}
