import {
  RequestError,
  Timeline,
  type Conversation,
  type Id,
  type Message,
  type MessagePage,
  type QueuePlace,
  type Seq,
  type VisitorApi,
} from '../../sdk';

const typingShown = 6_000;
const older = 50;

/** Runs a call that needs a visitor session. */
export type Authed = <T>(call: () => Promise<T>) => Promise<T>;

/** One conversation as it is on the screen. */
export class Thread {
  /** `local:…` until the first message was accepted. */
  id = $state<Id>('');
  conversation = $state.raw<Conversation | undefined>();
  messages = $state.raw<readonly Message[]>([]);
  phase = $state<'loading' | 'ready' | 'failed' | 'gone'>('loading');
  hasOlder = $state(false);
  loadingOlder = $state(false);
  /** Who is typing; undefined when nobody is, '' when the name is not known. */
  typing = $state<string | undefined>();
  /** The last sequence that had been read when the thread was opened. */
  readBefore = $state<Seq>(Infinity);
  /** Where it stands in line, as last heard. */
  place = $state.raw<QueuePlace | undefined>();
  private readonly timeline = new Timeline('visitor');
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private syncing: Promise<boolean> | undefined;
  private again = false;
  private reading: Seq = 0;

  constructor(
    private readonly api: VisitorApi,
    private readonly authed: Authed,
    id: Id,
    known?: Conversation,
  ) {
    this.id = id;
    this.conversation = known;
    if (id.startsWith('local:')) this.phase = 'ready';
  }

  get isLocal(): boolean {
    return this.id.startsWith('local:');
  }

  /** The latest messages. Shows what is there already while it asks. */
  async load(): Promise<void> {
    if (this.isLocal) return;
    if (this.messages.length > 0) return void (await this.sync());
    this.phase = 'loading';
    try {
      this.take(await this.authed(() => this.api.messages(this.id)), (p) => this.timeline.mergeLatest(p));
      this.readBefore = this.conversation?.contact_read_seq ?? Infinity;
      this.phase = 'ready';
    } catch (error) {
      this.phase = error instanceof RequestError && error.status === 404 ? 'gone' : 'failed';
    }
  }

  /** Everything after what is known for certain, page by page; false when it could not be had: ask again. */
  sync(): Promise<boolean> {
    if (this.isLocal || this.phase !== 'ready') return Promise.resolve(true);
    // What is on its way may have been answered before what we now know to be missing.
    this.again = this.syncing !== undefined;
    return (this.syncing ??= this.catchUp().finally(() => (this.syncing = undefined)));
  }

  private async catchUp(): Promise<boolean> {
    try {
      for (let more = true; more;) {
        this.again = false;
        const since = this.timeline.knownUntil;
        const page = await this.authed(() => this.api.messages(this.id, { since, limit: 200 }));
        this.take(page, (p) => this.timeline.mergeSince(p, since));
        more = this.again || (page.more && page.messages.length > 0);
      }
      return true;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return false;
    }
  }

  async loadOlder(): Promise<void> {
    if (this.loadingOlder || !this.hasOlder) return;
    this.loadingOlder = true;
    try {
      const page = await this.authed(() =>
        this.api.messages(this.id, { before: this.timeline.first, limit: older }),
      );
      this.take(page, (p) => this.timeline.mergeBefore(p));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    } finally {
      this.loadingOlder = false;
    }
  }

  /** A message that was pushed or that answers our own send. */
  add(message: Message): void {
    this.id = message.conversation_id;
    this.timeline.add(message);
    this.messages = this.timeline.messages;
    if (message.author_kind === 'agent') this.typing = undefined;
    if (this.timeline.gap) void this.sync();
  }

  /** A message again, for fresh addresses of its files. */
  async refresh(seq: Seq): Promise<void> {
    try {
      const page = await this.authed(() => this.api.messages(this.id, { before: seq + 1, limit: 1 }));
      for (const m of page.messages) this.add(m);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
  }

  update(change: Partial<Conversation> & { id: Id }): void {
    this.conversation = { ...(this.conversation ?? ({} as Conversation)), ...change };
  }

  agentTypes(name: string): void {
    clearTimeout(this.typingTimer);
    this.typing = name;
    this.typingTimer = setTimeout(() => (this.typing = undefined), typingShown);
  }

  /** Tells the desk what was seen; once per sequence. */
  async markRead(): Promise<void> {
    const last = this.messages.filter((m) => m.author_kind !== 'contact').pop()?.seq ?? 0;
    if (this.isLocal || last <= Math.max(this.reading, this.conversation?.contact_read_seq ?? 0)) return;
    this.reading = last;
    this.update({ id: this.id, contact_read_seq: last });
    try {
      await this.authed(() => this.api.read(this.id, last));
    } catch (error) {
      // Said again with the next message, or when the thread is next opened.
      this.reading = 0;
      if (!(error instanceof RequestError)) throw error;
    }
  }

  private take(page: MessagePage, merge: (page: MessagePage) => void): void {
    merge(page);
    this.messages = this.timeline.messages;
    this.hasOlder = this.timeline.hasOlder;
    if (page.conversation) this.update(page.conversation);
  }
}
