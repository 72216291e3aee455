// Where list, open thread, outbox, drafts and the live connection meet.

import type { Conversation, Id, Publication } from '../../../sdk';
import { SvelteMap } from 'svelte/reactivity';
import { i18n } from '../i18n/index.svelte';
import { api } from './api';
import { Desk } from './desk.svelte';
import { directory } from './directory.svelte';
import { Drafts, type Mode } from './drafts';
import { Seen, show, tone } from './notify';
import { browserShelf, Outbox, type Pending } from './outbox.svelte';
import { inboxPath } from './paths';
import { prefs } from './prefs.svelte';
import { Realtime } from './realtime.svelte';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { Thread } from './thread.svelte';

const threadsKept = 20;
const pollEvery = 5_000;
const typingEvery = 3_000;

class Workspace {
  readonly desk = new Desk(api);
  readonly realtime = new Realtime();
  thread: Thread | null = $state.raw(null);
  outbox: Outbox | null = $state.raw(null);
  drafts: Drafts = new Drafts(localStorage, '');
  /** The conversations that a search found, in order; what keys move through while it is on screen. */
  results: readonly Id[] = $state.raw([]);
  /** Asks the composer to take the keyboard; counts up. */
  focusComposer = $state(0);
  readonly #modes = new SvelteMap<Id, Mode>();
  readonly #threads = new Map<Id, Thread>();
  readonly #afterSending = new Map<string, (c: Conversation) => void>();
  readonly #announced = new Seen();
  #lastTyping = 0;
  #readsConversations = false;
  #closing: ReturnType<typeof setTimeout> | null = null;

  /** Begins to work for the signed-in agent; returns the function that ends it. */
  start(): () => void {
    const me = session.id;
    this.drafts = new Drafts(localStorage, me);
    this.outbox = new Outbox({
      api,
      shelf: browserShelf(localStorage, me),
      onAccepted: ({ conversation, message }) => {
        this.#threads.get(conversation.id)?.add(message);
        this.apply(conversation);
        this.#afterSending.get(message.client_id)?.(conversation);
        this.#afterSending.delete(message.client_id);
      },
      onStale: (pending) => {
        this.#stale(pending);
      },
    });
    this.outbox.wake();
    void directory.load();
    this.#readsConversations = session.can('conversation.read');
    if (this.#readsConversations) void this.desk.count();
    this.realtime.start(me, {
      onPublication: (p) => {
        this.receive(p);
      },
      onConnected: () => {
        this.#sync();
      },
      onClosed: () => {
        this.#closed();
      },
    });
    const poll = setInterval(() => {
      if (this.realtime.state !== 'online' && !document.hidden) this.#sync();
    }, pollEvery);
    const awake = () => {
      this.outbox?.wake();
      if (!document.hidden) void this.thread?.markRead();
    };
    window.addEventListener('online', awake);
    document.addEventListener('visibilitychange', awake);
    return () => {
      clearInterval(poll);
      if (this.#closing !== null) clearTimeout(this.#closing);
      window.removeEventListener('online', awake);
      document.removeEventListener('visibilitychange', awake);
      this.realtime.stop();
      this.outbox?.close();
      this.outbox = null;
      this.close();
      this.#threads.clear();
    };
  }

  /** The conversation that actions are about: the open one, else the selected row. */
  get current(): Conversation | undefined {
    return (
      this.thread?.conversation ?? (this.desk.cursor === '' ? undefined : this.desk.find(this.desk.cursor))
    );
  }

  open(id: Id): void {
    this.desk.select(id);
    if (this.thread?.id === id) return;
    this.realtime.unwatch();
    const thread = this.#threads.get(id) ?? new Thread(id, api, this.desk.find(id));
    thread.heldUnread = false;
    this.#threads.delete(id);
    this.#threads.set(id, thread); // the youngest is last
    const oldest = this.#threads.keys().next();
    if (this.#threads.size > threadsKept && oldest.done !== true) this.#threads.delete(oldest.value);
    if (thread.phase === 'ready') thread.markNew();
    this.thread = thread;
    void this.#loaded(thread);
  }

  async #loaded(thread: Thread): Promise<void> {
    await thread.load();
    directory.learn(thread.messages);
    if (thread.conversation !== null) this.desk.apply(thread.conversation);
    if (this.thread !== thread || thread.phase !== 'ready') return;
    if (!document.hidden) void this.#read(thread);
    this.realtime.watch({
      conversationId: thread.id,
      contactId: thread.conversation?.contact?.id ?? '',
      onContactOnline: (online) => {
        thread.contactOnline = online;
      },
      onViewers: (viewers) => {
        thread.viewers = viewers;
      },
    });
  }

  close(): void {
    this.realtime.unwatch();
    this.thread = null;
  }

  /** Shows a change of a conversation everywhere it is on screen. */
  apply(change: Partial<Conversation> & { id: Id }): void {
    this.#threads.get(change.id)?.update(change);
    this.desk.apply(change);
    this.desk.countSoon();
  }

  receive(p: Publication): void {
    switch (p.type) {
      case 'message': {
        this.outbox?.confirm(p.message);
        directory.learn([p.message]);
        const thread = this.#threads.get(p.conversation_id);
        const fresh = thread?.add(p.message) ?? true;
        this.apply(p.conversation);
        if (thread !== undefined && thread === this.thread && !document.hidden) void this.#read(thread);
        if (fresh && p.message.author_kind === 'contact')
          this.#announce(p.conversation.id, p.message.id, p.message.body);
        break;
      }
      case 'conversation':
        this.apply(p.conversation);
        break;
      case 'read':
        this.#threads.get(p.conversation_id)?.receive(p);
        this.#readElsewhere(p.conversation_id, p.by, p.seq);
        break;
      case 'typing':
        if (p.by !== 'agent' || p.name !== session.me?.agent.name)
          this.#threads.get(p.conversation_id)?.receive(p);
        break;
      case 'staff':
        break;
    }
  }

  #readElsewhere(id: Id, by: 'agent' | 'contact', seq: number): void {
    const c = this.desk.find(id);
    if (c === undefined) return;
    if (by === 'agent' && seq > c.agent_read_seq) this.apply({ id, agent_read_seq: seq });
    if (by === 'contact' && seq > c.contact_read_seq) this.desk.apply({ id, contact_read_seq: seq });
  }

  async #read(thread: Thread): Promise<void> {
    await thread.markRead();
    const c = thread.conversation;
    if (c !== null) this.apply({ id: c.id, agent_read_seq: c.agent_read_seq });
  }

  #announce(conversationId: Id, messageId: Id, body: string): void {
    if (!this.#announced.first(messageId)) return;
    const known = this.desk.find(conversationId);
    const away = document.hidden;
    if (prefs.sound && (away || this.thread?.id !== conversationId)) tone();
    if (!away || !prefs.desktop) return;
    const name = known?.contact?.name;
    const title = name === undefined || name === '' ? i18n.t.notify.hidden : i18n.t.notify.title(name);
    show(title, body.slice(0, 140), conversationId, () => {
      router.go(inboxPath('all', conversationId));
    });
  }

  #sync(): void {
    if (!this.#readsConversations) return;
    void this.desk.refresh();
    void this.desk.count();
    if (this.thread?.phase === 'ready') void this.thread.catchUp();
    this.outbox?.wake();
  }

  #closed(): void {
    void session.load();
    this.#closing = setTimeout(() => {
      if (session.phase === 'in') this.realtime.reconnect();
    }, pollEvery);
  }

  /* ---- writing ---- */

  mode(id: Id): Mode {
    return this.#modes.get(id) ?? 'reply';
  }

  setMode(id: Id, mode: Mode): void {
    this.#modes.set(id, mode);
  }

  /**
   * Sends what stands in the box; false when there is nothing to send. `evenIfStale` sends although the customer wrote
   * meanwhile; `then` runs once the server has the message, and not at all when it is refused.
   */
  send(
    id: Id,
    mode: Mode,
    options: { evenIfStale?: boolean; then?: (c: Conversation) => void } = {},
  ): boolean {
    const body = this.drafts.read(id, mode).trim();
    const thread = this.#threads.get(id);
    if (body === '' || this.outbox === null || thread === undefined || thread.phase !== 'ready') return false;
    const checked = mode === 'reply' && options.evenIfStale !== true;
    this.drafts.write(id, mode, '');
    thread.stale = false;
    thread.newFrom = 0;
    const clientId = this.outbox.send(id, body, {
      visibility: mode === 'note' ? 'note' : 'public',
      ...(checked ? { expectSeq: thread.lastSeq } : {}),
    });
    if (options.then !== undefined) this.#afterSending.set(clientId, options.then);
    return true;
  }

  /** Says that a reply is being written; at most every three seconds. */
  typing(id: Id, now = Date.now()): void {
    if (now - this.#lastTyping < typingEvery) return;
    this.#lastTyping = now;
    api.typing(id).catch(() => undefined); // a courtesy to the customer, not worth a word
  }

  /** A message that was not sent goes back into the box it came from. */
  takeBack(clientId: string): void {
    const back = this.outbox?.takeBack(clientId);
    if (back == null) return;
    const mode: Mode = back.visibility === 'note' ? 'note' : 'reply';
    this.drafts.restore(back.conversation, mode, back.body);
    this.setMode(back.conversation, mode);
  }

  #stale(pending: Pending): void {
    this.drafts.restore(pending.conversation, 'reply', pending.body);
    const thread = this.#threads.get(pending.conversation);
    if (thread === undefined) return;
    thread.stale = true;
    void thread.catchUp();
  }
}

export const workspace = new Workspace();
