import {
  Timeline,
  type Conversation,
  type ConversationHead,
  type Id,
  type Message,
  type Publication,
  type Seq,
  type StaffApi,
} from '../../../sdk';
import { isCode } from './explain';
import { isUnread, merge } from './ordering';

export interface Viewer {
  id: string;
  name: string;
}

const typingShown = 6_000;
const pageSize = 50;
const longPage = 200;
/** How far back a message may lie for everything between to be loaded; beyond, only what is around it. */
const near = 400;

type Api = Pick<StaffApi, 'conversation' | 'messages' | 'read'>;

/** One conversation as an agent has it open: its messages, who is there, and what has been read. */
export class Thread {
  conversation: Conversation | null = $state.raw(null);
  messages: readonly Message[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  hasOlder = $state(false);
  loadingOlder = $state(false);
  /** What is shown ends before the newest message: somebody went back to a message long ago. */
  hasNewer = $state(false);
  /** What the contact had ready; claims, all of it. */
  prepared: Readonly<Record<string, string>> = $state.raw({});
  replyEmail = $state('');
  rating: ConversationHead['rating'] = $state.raw(null);
  /** It is not ours to see any more: it went to another team, or it was removed. */
  gone: '' | 'team' | 'removed' = $state('');
  /** A message to show, by sequence, and how often one was asked for. */
  target: { seq: Seq; nth: number } = $state.raw({ seq: 0, nth: 0 });
  /** Who is typing now, by name; '' for the customer. */
  typing: readonly string[] = $state.raw([]);
  viewers: readonly Viewer[] = $state.raw([]);
  /** The customer wrote while a reply was on its way; the words are back in the box. */
  stale = $state(false);
  /** Where the line "new" stands: the first sequence that was unread when the thread was opened; 0 for none. */
  newFrom: Seq = $state(0);
  /** The last sequence that is known to have reached the customer's screen. */
  deliveredSeq: Seq = $state(0);
  /** Marked unread by hand: stays so until it is opened again. */
  heldUnread = false;

  #contactOnline = $state(false);
  readonly #timeline = new Timeline('staff');
  /** The messages around one long ago, while that is what is shown. */
  #aside: Timeline | null = null;
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
  /** The last sequence that is known. */
  get lastSeq(): Seq {
    return this.#timeline.last;
  }
  get contactOnline(): boolean {
    return this.#contactOnline;
  }
  set contactOnline(online: boolean) {
    this.#contactOnline = online;
    this.#delivered();
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
      this.#timeline.mergeLatest({ ...page, conversation: page.conversation ?? head.conversation });
      this.#head(head);
      this.markNew();
      this.#show();
      this.phase = 'ready';
    } catch (error) {
      this.failure = error;
      this.phase = 'failed';
    }
  }

  #head(head: ConversationHead): void {
    this.update(head.conversation);
    this.prepared = head.prepared ?? {};
    this.replyEmail = head.reply_email ?? '';
    this.rating = head.rating ?? null;
    this.gone = '';
    this.contactOnline = head.contact_online;
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
          this.api.messages(this.id, { since, limit: longPage }),
        ]);
        this.#timeline.mergeSince(page, since);
        this.#head(head);
        this.#show();
        if (page.more) this.#again = true;
      } catch (error) {
        if (isCode(error, 'not_found') && this.gone === '') this.gone = 'removed';
        return; // the next reconnect, poll or publication asks again; what is shown stays
      }
    } while (this.#again);
  }

  async loadOlder(): Promise<void> {
    const shown = this.#aside ?? this.#timeline;
    if (this.loadingOlder || !shown.hasOlder) return;
    this.loadingOlder = true;
    try {
      shown.mergeBefore(await this.api.messages(this.id, { before: shown.first, limit: pageSize }));
      this.#show();
    } finally {
      this.loadingOlder = false;
    }
  }

  /** While older messages are looked at: those that follow, until they reach what was loaded from the end. */
  async loadNewer(): Promise<void> {
    const aside = this.#aside;
    if (aside === null || this.loadingOlder) return;
    this.loadingOlder = true;
    try {
      const since = aside.last;
      aside.mergeSince(await this.api.messages(this.id, { since, limit: pageSize }), since);
      if (aside.last >= this.#timeline.first - 1) {
        this.#timeline.mergeBefore({ messages: [...aside.messages], more: aside.hasOlder });
        this.#aside = null;
      }
      this.#show();
    } finally {
      this.loadingOlder = false;
    }
  }

  /** Shows a message wherever it lies; does nothing when the server has no such message. */
  async jump(seq: Seq): Promise<void> {
    if (this.phase !== 'ready' || seq < 1 || seq > this.lastSeq) return;
    const held = (t: Timeline) => t.messages.length > 0 && seq >= t.first && seq <= t.last;
    if (this.#aside === null || !held(this.#aside)) {
      this.#aside = null;
      if (!held(this.#timeline)) await this.#reach(seq);
    }
    this.#show();
    this.target = { seq, nth: this.target.nth + 1 };
  }

  async #reach(seq: Seq): Promise<void> {
    if (this.#timeline.first - seq > near) {
      const before = seq + pageSize / 2;
      const aside = new Timeline('staff');
      aside.mergeLatest(await this.api.messages(this.id, { before, limit: pageSize }));
      this.#aside = aside;
      return;
    }
    while (this.#timeline.hasOlder && this.#timeline.first > seq) {
      const before = this.#timeline.first;
      this.#timeline.mergeBefore(await this.api.messages(this.id, { before, limit: longPage }));
    }
  }

  /** Back to the newest messages from what was looked at long ago. */
  toLatest(): void {
    if (this.#aside === null) return;
    this.#aside = null;
    this.#show();
  }

  /** A message that was pushed or that answers our own send; true when it was new. */
  add(message: Message): boolean {
    const fresh = this.#timeline.add(message);
    this.#show();
    this.#delivered();
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
    if (c === null || this.heldUnread || !isUnread(c) || this.phase !== 'ready' || this.gone !== '') return;
    const seq = Math.max(this.lastSeq, c.contact_seq);
    this.conversation = { ...c, agent_read_seq: seq };
    try {
      await this.api.read(this.id, seq);
    } catch {
      // Nobody is harmed by a conversation that still looks unread; the next visit says it again.
    }
  }

  #delivered(): void {
    if (this.#contactOnline) this.deliveredSeq = Math.max(this.deliveredSeq, this.#timeline.last);
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
    const shown = this.#aside ?? this.#timeline;
    this.messages = shown.messages;
    this.hasOlder = shown.hasOlder;
    this.hasNewer = this.#aside !== null;
  }
}
