import {
  RealtimeClient,
  RequestError,
  SendQueue,
  type Accepted,
  type Contact,
  type Conversation,
  type Id,
  type Message,
  type NewConversation,
  type Outgoing,
  type OutboxStore,
  type OutgoingFile,
  type Publication,
  type ReadingLocale,
  type RealtimeOptions,
  type Start,
  type VisitorApi,
  type VisitorSession,
  type WidgetConfig,
} from '../../sdk';
import type { Files } from './files.svelte';
import { Thread } from './thread.svelte';

export interface DeskOptions {
  api: VisitorApi;
  token: Value;
  /** How many conversations were listed last time. */
  count: Value;
  /** Id of the customer to whom the token belongs; '' for somebody not signed in. */
  owner?: Value;
  store: OutboxStore;
  realtime: Pick<RealtimeOptions, 'url' | 'WebSocket' | 'fetch'>;
  locale: () => ReadingLocale;
  entity?: () => string;
  page: string;
  /** What was tried before a conversation. */
  came?: () => { article?: string; query?: string };
  /** A customer's session has ended: resolves once `become` was called with a new one. */
  renew?: () => Promise<void>;
  /** Somebody wrote, and nobody looked. */
  onHeard?: () => void;
  /** A conversation that was begun here has its number. */
  onBegun?: (conversation: Conversation) => void;
}

/** A value that outlives a reload when the browser lets it. */
export interface Value {
  get(): string;
  set(value: string): void;
}

/** Conversations on the first view. */
export const listed = 3;
const typingEvery = 3_000;
const backShown = 2_500;

/**
 * The visitor's side of the desk: session, conversations, sending, realtime. Nothing is asked of the
 * server about a visitor before there is a reason: a new visitor comes into being with the first chat.
 */
export class Desk {
  config = $state.raw<WidgetConfig | undefined>();
  conversations = $state.raw<readonly Conversation[]>([]);
  pending = $state.raw<readonly Outgoing[]>([]);
  net = $state<'ok' | 'offline' | 'back'>('ok');
  /** How many conversations are on their way; so many places are kept for them. */
  expected = $state(0);
  /** Whether somebody looks at us. */
  open = $state(false);
  readonly unread = $derived(this.conversations.filter(isUnread).length);
  /** Who we are to the desk, once it was reached. */
  contact = $state.raw<Contact | undefined>();
  /** A customer's session has ended and nobody has signed in again: what is written waits. */
  ended = $state(false);
  /** Counts changes to another person; whatever was on the screen before is not theirs. */
  era = $state(0);
  /** Files on their way; loaded with the first one. */
  files = $state.raw<Files | undefined>();
  /** What was typed and not sent, by conversation. */
  readonly drafts = new Map<string, string>();
  /** Counts what makes a session request that is on its way obsolete. */
  private turn = 0;
  private readonly threads = new Map<Id, Thread>();
  private active: Thread | undefined;
  private session: Promise<void> | undefined;
  private readonly queue: SendQueue;
  private readonly realtime: RealtimeClient;
  private lastTyping = 0;
  private live = false;
  private backTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly o: DeskOptions) {
    this.queue = new SendQueue({
      deliver: (item) => this.deliver(item),
      store: o.store,
      onChange: () => (this.pending = [...this.queue.all()]),
      onAccepted: (accepted, from) => this.accepted(accepted, from),
    });
    this.queue.become(o.owner?.get() ?? '');
    this.pending = [...this.queue.all()];
    if (o.token.get()) this.expected = Math.min(listed, Number(o.count.get()) || 0);
    this.realtime = new RealtimeClient({
      ...o.realtime,
      token: () => o.token.get(),
      onPublication: (p) => this.publication(p),
      onSync: () => this.sync(),
      onState: (state) => {
        this.live = state === 'live';
        if (state === 'live') this.queue.wake();
      },
    });
  }

  /** Takes up what an earlier visit left: its conversations and unsent messages. */
  async begin(): Promise<void> {
    const config = this.loadConfig();
    if (this.o.token.get() || this.pending.length > 0) {
      try {
        await this.ensureSession();
      } catch (error) {
        // The queue tries again by itself, and with it the session.
        if (!(error instanceof RequestError)) throw error;
        this.expected = 0;
      }
      this.queue.resume();
      if (this.pending.some((i) => i.state === 'uploading')) void this.loadFiles();
    }
    await config;
  }

  get api(): VisitorApi {
    return this.o.api;
  }

  /** Whether we have been here before. */
  get known(): boolean {
    return this.o.token.get() !== '';
  }

  async loadFiles(): Promise<Files> {
    const { Files: Kind } = await import('./files.svelte');
    this.files ??= new Kind(this, this.queue);
    return this.files;
  }

  async loadConfig(): Promise<void> {
    try {
      this.config = await this.o.api.config(this.o.locale(), this.o.entity?.());
    } catch (error) {
      // Everything works without it except the operator's own words.
      if (!(error instanceof RequestError)) throw error;
    }
  }

  /** Reaches the desk; rejects with RequestError. */
  ensureSession(): Promise<void> {
    return (this.session ??= this.reach());
  }

  private async reach(): Promise<void> {
    const { turn } = this;
    const entity = this.o.entity?.();
    try {
      const session = await this.o.api.session({ locale: this.o.locale(), ...(entity && { entity }) });
      // Somebody signed in or out meanwhile: this answer concerns nobody any more.
      if (turn !== this.turn) return await (this.session ?? Promise.reject(notYours()));
      const owner = this.o.owner?.get();
      if (owner && ownerOf(session) !== owner) return await this.expired();
      this.enter(session);
      await this.loadConversations();
    } catch (error) {
      if (turn === this.turn) this.session = undefined;
      throw error;
    }
  }

  /**
   * Somebody signed in. An anonymous visitor keeps threads, drafts and unsent messages; of another
   * customer, nothing stays.
   */
  async become(session: VisitorSession): Promise<void> {
    const before = this.o.owner?.get() || this.queue.whose;
    this.turn++;
    if (before && before !== ownerOf(session)) this.wipe();
    this.realtime.stop();
    this.enter(session);
    this.session = Promise.resolve();
    this.queue.wake();
    this.files?.again();
    try {
      await this.loadConversations();
      for (const t of new Set(this.threads.values())) if (t.phase !== 'loading') void t.load();
    } catch (error) {
      // The realtime connection brings it when it is there.
      if (!(error instanceof RequestError)) throw error;
    }
  }

  /** Signed out: nothing of this person stays, here or in the browser's storage. */
  forget(): void {
    this.turn++;
    this.wipe();
    this.queue.clear();
    this.realtime.stop();
    this.session = undefined;
    this.contact = undefined;
    for (const value of [this.o.token, this.o.count, this.o.owner]) value?.set('');
  }

  private enter(session: VisitorSession): void {
    this.o.token.set(session.token);
    this.contact = session.contact;
    this.ended = false;
    const owner = ownerOf(session);
    this.o.owner?.set(owner);
    this.queue.become(owner);
    this.realtime.start();
  }

  private wipe(): void {
    this.era++;
    this.threads.clear();
    this.drafts.clear();
    this.files?.clear();
    this.active = undefined;
    this.conversations = [];
    this.expected = 0;
    this.ended = false;
  }

  thread(id: Id): Thread {
    // Asked for again when somebody else is here.
    void this.era;
    let t = this.threads.get(id);
    if (!t) {
      t = new Thread(
        this.o.api,
        (call) => this.authed(call),
        id,
        this.conversations.find((c) => c.id === id),
      );
      this.threads.set(id, t);
    }
    return t;
  }
  /** The thread in front, or none. */
  show(thread: Thread | undefined): void {
    this.active = thread;
    if (thread) void thread.load().then(() => this.place(thread));
  }

  /** Fresh addresses for the files of a message in front; the old ones stop working after some days. */
  refresh(seq: number): void {
    void this.active?.refresh(seq);
  }

  /** Asks where a conversation stands in line, unless it is over. */
  async place(thread: Thread): Promise<void> {
    const { conversation } = thread;
    if (thread.isLocal || !conversation || conversation.status === 'resolved') return;
    const before = thread.place;
    try {
      const place = await this.authed(() => this.o.api.queue(thread.id));
      // What was pushed meanwhile is newer than this answer.
      if (thread.place === before) thread.place = place;
    } catch (error) {
      // Comes again with the next reconnect or event; until then the last answer stands.
      if (!(error instanceof RequestError)) throw error;
    }
  }

  /** The message that opens a conversation; gives the thread's id for now. */
  start(body: string, more: Start, files: readonly OutgoingFile[] = []): Id {
    const { page, came } = this.o;
    const start = { ...(page && { pageUrl: page }), ...(came && { came: came() }), ...more };
    return this.queue.start(body, start, files).conversation;
  }
  send(thread: Thread, body: string, files: readonly OutgoingFile[] = []): void {
    this.queue.send(thread.id, body, files);
  }
  retry(clientId: string): void {
    const files = this.pending.find((i) => i.clientId === clientId)?.files;
    if (files) void this.loadFiles().then((f) => f.retry(clientId, files));
    else this.queue.retry(clientId);
  }
  discard(clientId: string): string | undefined {
    for (const { key } of this.pending.find((i) => i.clientId === clientId)?.files ?? [])
      this.files?.drop(key);
    return this.queue.discard(clientId);
  }

  /** What is on the screen counts as read. */
  markRead(thread: Thread): void {
    const before = thread.conversation?.contact_read_seq;
    void thread.markRead();
    const seq = thread.conversation?.contact_read_seq;
    if (seq !== undefined && seq !== before) this.upsert({ id: thread.id, contact_read_seq: seq });
  }

  typing(thread: Thread): void {
    const now = Date.now();
    if (thread.isLocal || now - this.lastTyping < typingEvery) return;
    this.lastTyping = now;
    // Nobody misses a lost one.
    this.o.api.typing(thread.id).catch(() => undefined);
  }

  setOnline(online: boolean): void {
    clearTimeout(this.backTimer);
    this.realtime.setOnline(online);
    if (!online) {
      this.net = 'offline';
      return;
    }
    this.queue.wake();
    this.files?.wake();
    if (this.net !== 'offline') return;
    this.net = 'back';
    this.backTimer = setTimeout(() => (this.net = 'ok'), backShown);
    if (!this.config) void this.loadConfig();
  }
  setVisible(visible: boolean): void {
    this.open = visible;
    this.realtime.setVisible(visible);
    if (visible) this.queue.wake();
  }

  /** Runs a call that needs a session, once more with a new one when the server no longer knows this one. */
  async authed<T>(call: () => Promise<T>): Promise<T> {
    const { era } = this;
    const mine = () => {
      if (era !== this.era) throw notYours();
    };
    await this.ensureSession();
    mine();
    const token = this.o.token.get();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
      mine();
      if (token === this.o.token.get()) await this.anew();
      mine();
      return call();
    }
  }

  /** A visitor goes on as a new one rather than not at all; a customer has to sign in again. */
  private async anew(): Promise<void> {
    if (this.o.owner?.get() || this.queue.whose) return this.expired();
    this.o.token.set('');
    this.session = undefined;
    this.realtime.stop();
    await this.ensureSession();
  }

  private async expired(): Promise<void> {
    this.realtime.stop();
    this.session = undefined;
    this.ended = true;
    try {
      if (!this.o.renew) throw notYours();
      await this.o.renew();
    } catch {
      // Kept, and tried again later: nothing that a customer wrote goes out as somebody else's.
      throw new RequestError('retryable', 401, 'unauthorized', 'signed out', '');
    }
  }

  private deliver({ clientId, conversation, body, start, files }: Outgoing): Promise<Accepted> {
    const attachments = files?.flatMap((f) => f.id ?? []);
    const message = { client_id: clientId, body, ...(attachments && { attachments }) };
    return this.authed(() => {
      if (!this.queue.has(clientId)) throw notYours();
      if (!start) return this.o.api.send(conversation, message);
      return this.o.api.start({ ...message, locale: this.o.locale(), ...opening(start) });
    });
  }

  private accepted({ conversation, message }: Accepted, from: Id): void {
    const thread = this.adopt(from, message, conversation);
    this.upsert(conversation);
    this.files?.sent(message);
    if (thread && thread.place?.state !== 'assigned') void this.place(thread);
  }

  /** Puts a message where it belongs; a thread that was local until now goes on under its real id. */
  private adopt(from: Id, message: Message, conversation: Conversation): Thread | undefined {
    const { id } = conversation;
    const known = this.threads.get(id);
    if (from.startsWith('local:') && !known && !this.conversations.some((c) => c.id === id)) {
      this.o.onBegun?.(conversation);
    }
    const thread = known ?? this.threads.get(from);
    if (!thread) return undefined;
    this.threads.set(id, thread);
    this.threads.set(from, thread);
    thread.add(message);
    thread.update(conversation);
    return thread;
  }

  private publication(p: Publication): void {
    if (p.type === 'message') {
      const own = this.pending.find((i) => i.clientId === p.message.client_id);
      this.adopt(own?.conversation ?? p.conversation_id, p.message, p.conversation);
      this.queue.confirm(p.message);
      this.files?.sent(p.message);
      this.upsert(p.conversation);
    } else if (p.type === 'conversation') {
      this.upsert(p.conversation);
      if (this.active?.id === p.conversation.id) void this.place(this.active);
    } else if (p.type === 'queue') {
      const thread = this.threads.get(p.conversation_id);
      if (thread) thread.place = p.queue;
    } else if (p.type === 'read') {
      const key = p.by === 'agent' ? 'agent_read_seq' : 'contact_read_seq';
      this.upsert({ id: p.conversation_id, [key]: p.seq });
    } else if (p.type === 'typing' && p.by === 'agent') {
      this.threads.get(p.conversation_id)?.agentTypes(p.name);
    }
  }

  /** A conversation is otherwise than it was, by our own doing. */
  changed(change: Partial<Conversation> & { id: Id }): void {
    this.upsert(change);
  }

  private upsert(change: Partial<Conversation> & { id: Id }): void {
    const known = this.conversations.find((c) => c.id === change.id);
    this.threads.get(change.id)?.update(change);
    if (!known && change.number === undefined) return;
    const next = { ...known, ...change } as Conversation;
    this.listen(next, known?.seq ?? 0);
    const rest = this.conversations.filter((c) => c.id !== change.id);
    this.conversations = [next, ...rest].sort((a, b) => b.updated_at - a.updated_at);
  }

  /** A new answer that nobody sees makes itself heard. */
  private listen(c: Conversation, before: number): void {
    if (isUnread(c) && c.seq > before && !(this.open && this.active?.id === c.id)) this.o.onHeard?.();
  }

  private async loadConversations(): Promise<void> {
    const { era } = this;
    const list = await this.o.api.conversations();
    if (era !== this.era) throw notYours();
    const before = this.conversations;
    this.conversations = list;
    for (const c of list) {
      const known = before.find((b) => b.id === c.id);
      if (known) this.listen(c, known.seq);
    }
    this.expected = 0;
    this.o.count.set(String(Math.min(listed, list.length)));
    for (const c of list) this.threads.get(c.id)?.update(c);
  }

  /** After a reconnect everything on the screen; while polling only what is in front. False: ask again. */
  private async sync(): Promise<boolean> {
    try {
      const { active } = this;
      const whole = (await active?.sync()) ?? true;
      if (active) void this.place(active);
      for (const m of this.pending.length > 0 ? (active?.messages ?? []) : []) this.queue.confirm(m);
      if (this.live || !active) await this.loadConversations();
      return whole;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return false;
    }
  }
}

const ownerOf = ({ contact }: VisitorSession) => (contact.kind === 'customer' ? contact.id : '');

const notYours = () => new RequestError('permanent', 0, '', 'somebody else is signed in', '');

function opening(start: Start): Partial<NewConversation> {
  const { pageUrl, replyEmail, came, prepared, ...rest } = start;
  return {
    ...rest,
    ...came,
    ...(prepared && { prepared: { ...prepared } }),
    ...(pageUrl && { page_url: pageUrl }),
    ...(replyEmail && { reply_email: replyEmail }),
  };
}

export function isUnread(c: Conversation): boolean {
  return c.seq > c.contact_read_seq && c.last_message?.author_kind === 'agent';
}
