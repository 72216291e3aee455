import {
  RealtimeClient,
  RequestError,
  SendQueue,
  type Accepted,
  type Conversation,
  type Id,
  type Locale,
  type Message,
  type Outgoing,
  type OutboxStore,
  type Publication,
  type RealtimeOptions,
  type ScenarioKey,
  type VisitorApi,
  type WidgetConfig,
} from '../../sdk';
import { Thread } from './thread.svelte';

export interface DeskOptions {
  api: VisitorApi;
  token: { get(): string; set(value: string): void };
  /** How many conversations were listed last time. */
  count: { get(): string; set(value: string): void };
  store: OutboxStore;
  realtime: Pick<RealtimeOptions, 'url' | 'WebSocket' | 'fetch'>;
  locale: () => Locale;
  page: string;
  /** What was tried before a conversation. */
  came?: () => { article?: string; query?: string };
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
    this.pending = [...this.queue.all()];
    if (o.token.get()) this.expected = Math.min(listed, Number(o.count.get()) || 0);
    this.realtime = new RealtimeClient({
      ...o.realtime,
      token: () => o.token.get(),
      onPublication: (p) => this.publication(p),
      onSync: () => void this.sync(),
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
    }
    await config;
  }

  async loadConfig(): Promise<void> {
    try {
      this.config = await this.o.api.config(this.o.locale());
    } catch (error) {
      // Everything works without it except the operator's own words.
      if (!(error instanceof RequestError)) throw error;
    }
  }

  /** Reaches the desk; rejects with RequestError. */
  ensureSession(): Promise<void> {
    this.session ??= this.o.api
      .session(this.o.locale())
      .then(({ token }) => {
        this.o.token.set(token);
        this.realtime.start();
        return this.loadConversations();
      })
      .catch((error: unknown) => {
        this.session = undefined;
        throw error;
      });
    return this.session;
  }

  thread(id: Id): Thread {
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
    if (thread) void thread.load();
  }

  /** The message that opens a conversation; gives the thread's id for now. */
  start(body: string, scenario: ScenarioKey | ''): Id {
    const item = this.queue.start(body, {
      ...(scenario && { scenario }),
      ...(this.o.page && { pageUrl: this.o.page }),
      ...(this.o.came && { came: this.o.came() }),
    });
    return item.conversation;
  }
  send(thread: Thread, body: string): void {
    this.queue.send(thread.id, body);
  }
  retry(clientId: string): void {
    this.queue.retry(clientId);
  }
  discard(clientId: string): string | undefined {
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

  private async authed<T>(call: () => Promise<T>): Promise<T> {
    await this.ensureSession();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RequestError) || error.status !== 401) throw error;
      // The token is no longer known: go on as a new visitor rather than not at all.
      this.o.token.set('');
      this.session = undefined;
      this.realtime.stop();
      await this.ensureSession();
      return call();
    }
  }

  private deliver({ clientId, conversation, body, start }: Outgoing): Promise<Accepted> {
    return this.authed(() =>
      start
        ? this.o.api.start({
            client_id: clientId,
            body,
            locale: this.o.locale(),
            ...(start.scenario && { scenario: start.scenario }),
            ...(start.pageUrl && { page_url: start.pageUrl }),
            ...start.came,
          })
        : this.o.api.send(conversation, { client_id: clientId, body }),
    );
  }

  private accepted({ conversation, message }: Accepted, from: Id): void {
    const thread = this.adopt(from, message);
    thread?.update(conversation);
    this.upsert(conversation);
  }

  /** Puts a message where it belongs; a thread that was local until now goes on under its real id. */
  private adopt(from: Id, message: Message): Thread | undefined {
    const local = this.threads.get(from);
    const thread = this.threads.get(message.conversation_id) ?? local;
    if (!thread) return undefined;
    this.threads.set(message.conversation_id, thread);
    this.threads.set(from, thread);
    thread.add(message);
    return thread;
  }

  private publication(p: Publication): void {
    if (p.type === 'message') {
      const own = this.pending.find((i) => i.clientId === p.message.client_id);
      this.adopt(own?.conversation ?? p.conversation_id, p.message)?.update(p.conversation);
      this.queue.confirm(p.message);
      this.upsert(p.conversation);
    } else if (p.type === 'conversation') {
      this.upsert(p.conversation);
    } else if (p.type === 'read') {
      const key = p.by === 'agent' ? 'agent_read_seq' : 'contact_read_seq';
      this.upsert({ id: p.conversation_id, [key]: p.seq });
    } else if (p.type === 'typing' && p.by === 'agent') {
      this.threads.get(p.conversation_id)?.agentTypes(p.name);
    }
  }

  private upsert(change: Partial<Conversation> & { id: Id }): void {
    const known = this.conversations.find((c) => c.id === change.id);
    this.threads.get(change.id)?.update(change);
    if (!known && change.number === undefined) return;
    const next = { ...known, ...change } as Conversation;
    const rest = this.conversations.filter((c) => c.id !== change.id);
    this.conversations = [next, ...rest].sort((a, b) => b.updated_at - a.updated_at);
  }

  private async loadConversations(): Promise<void> {
    const list = await this.o.api.conversations();
    this.conversations = list;
    this.expected = 0;
    this.o.count.set(String(Math.min(listed, list.length)));
    for (const c of list) this.threads.get(c.id)?.update(c);
  }

  /** After a reconnect everything on the screen; while polling only what is in front. */
  private async sync(): Promise<void> {
    try {
      const { active } = this;
      if (active) await active.sync();
      for (const m of active?.messages ?? []) this.queue.confirm(m);
      if (this.live || !active) await this.loadConversations();
    } catch (error) {
      // Polling comes again by itself.
      if (!(error instanceof RequestError)) throw error;
    }
  }
}

function isUnread(c: Conversation): boolean {
  return c.seq > c.contact_read_seq && c.last_message?.author_kind === 'agent';
}
