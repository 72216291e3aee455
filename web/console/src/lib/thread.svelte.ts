import {
  Timeline,
  type Conversation,
  type Id,
  type Message,
  type Publication,
  type Seq,
  type StaffApi,
} from '../../../sdk';
import { isUnread, merge } from './ordering';

export interface Viewer {
  id: string;
  name: string;
}

const typingShown = 6_000;
const pageSize = 50;

type Api = Pick<StaffApi, 'conversation' | 'messages' | 'read'>;

/** One conversation as an agent has it open: its messages, who is there, and what has been read. */
export class Thread {
  conversation: Conversation | null = $state.raw(null);
  messages: readonly Message[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  hasOlder = $state(false);
  loadingOlder = $state(false);
  contactOnline = $state(false);
  /** Who is typing now, by name; '' for the customer. */
  typing: readonly string[] = $state.raw([]);
  viewers: readonly Viewer[] = $state.raw([]);
  /** The customer wrote while a reply was on its way; the words are back in the box. */
  stale = $state(false);
  /** Where the line "new" stands: the first sequence that was unread when the thread was opened; 0 for none. */
  newFrom: Seq = $state(0);
  /** Marked unread by hand: stays so until it is opened again. */
  heldUnread = false;

  readonly #timeline = new Timeline('staff');
  readonly #typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  #catching: Promise<void> | null = null;
  #again = false;

  constructor(
    readonly id: Id,
    private readonly api: Api,
    known?: Conversation,
  ) {
    if (known !== undefined) this.conversation = known;
  }

  get contactName(): string {
    return this.conversation?.contact?.name ?? '';
  }
  /** The last sequence on the screen. */
  get lastSeq(): Seq {
    return this.#timeline.last;
  }

  /** Loads what is missing; the newest page the first time, only what is newer afterwards. */
  async load(): Promise<void> {
    if (this.phase === 'ready') return this.catchUp();
    this.phase = 'loading';
    try {
      const [head, page] = await Promise.all([
        this.api.conversation(this.id),
        this.api.messages(this.id, { limit: pageSize }),
      ]);
      this.update(head.conversation);
      this.contactOnline = head.contact_online;
      this.#timeline.mergeLatest({ ...page, conversation: page.conversation ?? head.conversation });
      this.markNew();
      this.#show();
      this.phase = 'ready';
    } catch (error) {
      this.failure = error;
      this.phase = 'failed';
    }
  }

  /** Puts the line "new" above what has not been read. */
  markNew(): void {
    const c = this.conversation;
    const first =
      c === null || !isUnread(c)
        ? undefined
        : this.#timeline.messages.find((m) => m.seq > c.agent_read_seq && m.author_kind === 'contact');
    this.newFrom = first?.seq ?? 0;
  }

  /** Asks for everything after what is known; one request at a time, and once more if asked meanwhile. */
  catchUp(): Promise<void> {
    if (this.#catching !== null) {
      this.#again = true;
      return this.#catching;
    }
    this.#catching = this.#catchUp().finally(() => {
      this.#catching = null;
    });
    return this.#catching;
  }

  async #catchUp(): Promise<void> {
    do {
      this.#again = false;
      const since = this.#timeline.knownUntil;
      try {
        const [head, page] = await Promise.all([
          this.api.conversation(this.id),
          this.api.messages(this.id, { since, limit: 200 }),
        ]);
        this.update(head.conversation);
        this.contactOnline = head.contact_online;
        this.#timeline.mergeSince(page, since);
        this.#show();
        if (page.more) this.#again = true;
      } catch {
        return; // the next reconnect, poll or publication asks again; what is shown stays
      }
    } while (this.#again);
  }

  async loadOlder(): Promise<void> {
    if (this.loadingOlder || !this.#timeline.hasOlder) return;
    this.loadingOlder = true;
    try {
      this.#timeline.mergeBefore(
        await this.api.messages(this.id, { before: this.#timeline.first, limit: pageSize }),
      );
      this.#show();
    } finally {
      this.loadingOlder = false;
    }
  }

  /** A message that was pushed or that answers our own send; true when it was new. */
  add(message: Message): boolean {
    const fresh = this.#timeline.add(message);
    this.#show();
    if (this.#timeline.gap && this.phase === 'ready') void this.catchUp();
    if (message.author_kind === 'contact') this.#stopTyping('');
    if (message.author_kind === 'agent') this.#stopTyping(message.author_name);
    return fresh;
  }

  update(change: Partial<Conversation> & { id: Id }): void {
    this.conversation = merge(this.conversation ?? undefined, change);
  }

  receive(p: Publication): void {
    if (p.type === 'read') {
      const c = this.conversation;
      if (c === null) return;
      const field = p.by === 'contact' ? 'contact_read_seq' : 'agent_read_seq';
      if (p.seq > c[field]) this.conversation = { ...c, [field]: p.seq };
    } else if (p.type === 'typing') {
      this.#startTyping(p.by === 'contact' ? '' : p.name);
    }
  }

  /** Tells the server that the newest message has been seen. */
  async markRead(): Promise<void> {
    const c = this.conversation;
    if (c === null || this.heldUnread || !isUnread(c) || this.phase !== 'ready') return;
    const seq = Math.max(this.lastSeq, c.contact_seq);
    this.conversation = { ...c, agent_read_seq: seq };
    try {
      await this.api.read(this.id, seq);
    } catch {
      // Nobody is harmed by a conversation that still looks unread; the next visit says it again.
    }
  }

  #startTyping(name: string): void {
    if (!this.typing.includes(name)) this.typing = [...this.typing, name];
    clearTimeout(this.#typingTimers.get(name));
    this.#typingTimers.set(
      name,
      setTimeout(() => {
        this.#stopTyping(name);
      }, typingShown),
    );
  }

  #stopTyping(name: string): void {
    clearTimeout(this.#typingTimers.get(name));
    this.#typingTimers.delete(name);
    if (this.typing.includes(name)) this.typing = this.typing.filter((n) => n !== name);
  }

  #show(): void {
    this.messages = this.#timeline.messages;
    this.hasOlder = this.#timeline.hasOlder;
  }
}
