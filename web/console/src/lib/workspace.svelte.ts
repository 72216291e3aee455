// Where list, open thread, outbox, drafts and the live connection meet.

import type { Conversation, Id, Message, MessageEvent, Publication, QueueEntry } from '../../../sdk';
import { SvelteMap } from 'svelte/reactivity';
import { i18n } from '../i18n/index.svelte';
import { api } from './api';
import { Attach } from './attach.svelte';
import { soon } from './clock.svelte';
import { Desk } from './desk.svelte';
import { directory } from './directory.svelte';
import { Drafts, type Mode } from './drafts';
import { explain } from './explain';
import { News, type Named } from './news';
import { browserShelf, Outbox, type Pending } from './outbox.svelte';
import { PresenceBoard } from './presence.svelte';
import { lateEntries, QueueBoard } from './queue.svelte';
import { Realtime } from './realtime.svelte';
import { session } from './session.svelte';
import { Thread } from './thread.svelte';
import { secondsSince } from './duration';
import { toasts } from './toasts.svelte';

const threadsKept = 20;
const pollEvery = 5_000;
/** Of a connection that holds: every 30 s. */
const recheckBeats = 6;
const typingEvery = 3_000;
const alarmEvery = 5_000;

class Workspace {
  readonly desk = new Desk(api);
  readonly realtime = new Realtime();
  readonly presence = new PresenceBoard(api, (error) => {
    toasts.say(explain(error, i18n.t), 'error');
  });
  readonly queue = new QueueBoard(api, this.presence);
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
  readonly #files = new Map<string, Attach>();
  readonly #news = new News();
  /** Conversations that this agent has just taken: no news to them. */
  readonly #expected = new Set<Id>();
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
    if (this.#readsConversations) {
      void this.desk.count();
      void this.queue.load();
    }
    if (session.can('conversation.reply')) void this.presence.start(me);
    const stopSoon = soon.start();
    const alarm = setInterval(() => {
      this.#alarm();
    }, alarmEvery);
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
    let beats = 0;
    const poll = setInterval(() => {
      if (document.hidden) return;
      // A publication may be lost although the connection holds, and so may the answer to what was asked after it.
      if (this.realtime.state !== 'online' || ++beats % recheckBeats === 0) this.#sync();
    }, pollEvery);
    const awake = () => {
      this.outbox?.wake();
      for (const files of this.#files.values()) files.wake();
      if (!document.hidden) void this.thread?.markRead();
    };
    window.addEventListener('online', awake);
    document.addEventListener('visibilitychange', awake);
    return () => {
      clearInterval(poll);
      clearInterval(alarm);
      stopSoon();
      this.queue.stop();
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

  /** What is known of a conversation, open or listed. */
  conversation(id: Id): Conversation | undefined {
    return this.#threads.get(id)?.conversation ?? this.desk.find(id);
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
    this.#watch(thread);
  }

  #watch(thread: Thread): void {
    if (this.thread !== thread || thread.gone !== '') return;
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
    const thread = this.#threads.get(change.id);
    thread?.update(change);
    this.desk.apply(change);
    this.desk.countSoon();
    if (thread !== undefined && change.team_id !== undefined) this.#seen(thread);
  }

  /** A conversation that went to a team one is not in: the open thread says so, and is not followed any more. */
  #seen(thread: Thread): void {
    const team = thread.conversation?.team_id;
    if (team === undefined) return;
    const gone = !session.sees(team);
    if (gone === (thread.gone === 'team')) return;
    thread.gone = gone ? 'team' : '';
    if (thread !== this.thread) return;
    if (gone) this.realtime.unwatch();
    else this.#watch(thread);
  }

  /** The agent takes this one: that it becomes theirs is no news. */
  expectMine(id: Id): void {
    this.#expected.add(id);
  }

  receive(p: Publication): void {
    switch (p.type) {
      case 'message': {
        this.outbox?.confirm(p.message);
        directory.learn([p.message]);
        const thread = this.#threads.get(p.conversation_id);
        const fresh = thread?.add(p.message) ?? true;
        this.#given(p.conversation, p.message);
        this.apply(p.conversation);
        if (p.message.event != null) this.#happened(p.message.event.type, thread);
        if (thread !== undefined && thread === this.thread && !document.hidden) void this.#read(thread);
        if (fresh && p.message.author_kind === 'contact')
          this.#news.message(
            p.message.id,
            this.#named(p.conversation),
            p.message.body,
            this.thread?.id === p.conversation_id,
          );
        if (p.conversation.assignee_id === '') this.queue.soon();
        break;
      }
      case 'conversation':
        this.#given(p.conversation);
        this.apply(p.conversation);
        this.queue.soon();
        break;
      case 'read':
        this.#threads.get(p.conversation_id)?.receive(p);
        this.#readElsewhere(p.conversation_id, p.by, p.seq);
        break;
      case 'typing':
        if (p.by !== 'agent' || p.name !== session.me?.agent.name)
          this.#threads.get(p.conversation_id)?.receive(p);
        break;
      case 'presence':
        this.presence.receive(p.presence);
        break;
      case 'staff':
      case 'queue':
        if (this.#readsConversations) this.queue.soon();
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

  /** Says that a conversation has become this agent's, unless they took it themselves. */
  #given(c: Partial<Conversation> & { id: Id }, message?: Message): void {
    if (c.assignee_id !== session.id || c.assigned_at === undefined) return;
    const known = this.desk.find(c.id) ?? this.#threads.get(c.id)?.conversation;
    const byEvent = message?.event?.type === 'assignee' || message?.event?.type === 'handover';
    // Without an earlier state to compare with, a change at the moment of assigning is the assignment.
    const fresh =
      known == null ? (c.updated_at ?? 0) - c.assigned_at < 1e6 : known.assignee_id !== session.id;
    if (!byEvent && !fresh) return;
    if (this.#expected.delete(c.id) || message?.author_id === session.id) {
      this.#news.known(`${c.id}:${c.assigned_at}`);
      return;
    }
    this.#news.given(this.#named(c), `${c.id}:${c.assigned_at}`);
  }

  #named(c: Partial<Conversation> & { id: Id }): Named {
    const known = this.desk.find(c.id) ?? this.#threads.get(c.id)?.conversation;
    return {
      id: c.id,
      number: c.number ?? known?.number ?? '',
      name: c.contact?.name ?? known?.contact?.name ?? this.queue.find(c.id)?.contact_name ?? '',
    };
  }

  /** Some changes concern more than a publication carries. */
  #happened(event: MessageEvent['type'], thread: Thread | undefined): void {
    if (thread === undefined || thread.phase !== 'ready') return;
    if (event !== 'signed_in' && event !== 'rating' && event !== 'ended') return;
    void thread.catchUp().then(() => {
      // The contact may be another now: a visitor who has signed in.
      if (event === 'signed_in') this.#watch(thread);
    });
  }

  /** The customers who wait longer than their team promises. */
  get late(): readonly QueueEntry[] {
    return lateEntries(this.queue.entries, directory.teams, soon.value);
  }

  #alarm(): void {
    const state = this.presence.mine?.state;
    if (state !== 'available' && state !== 'wrap_up') return;
    this.#news.late(this.late, (e) => secondsSince(e.entered_at, soon.value));
  }

  #sync(): void {
    if (!this.#readsConversations) return;
    void this.desk.refresh();
    void this.desk.count();
    void this.queue.load();
    if (session.can('conversation.reply')) void this.presence.start(session.id);
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

  /** The files picked for the next message; they stay when one looks at another conversation. */
  files(id: Id, mode: Mode): Attach {
    const key = `${id} ${mode}`;
    let files = this.#files.get(key);
    if (files === undefined) {
      files = new Attach(api, {
        create: (file) => URL.createObjectURL(file),
        revoke: (url) => {
          URL.revokeObjectURL(url);
        },
      });
      this.#files.set(key, files);
    }
    return files;
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
    const picked = this.files(id, mode);
    if (this.outbox === null || thread === undefined || thread.phase !== 'ready' || thread.gone !== '')
      return false;
    if (picked.busy || (body === '' && picked.items.every((i) => i.state !== 'ready'))) return false;
    const checked = mode === 'reply' && options.evenIfStale !== true;
    this.drafts.write(id, mode, '');
    thread.stale = false;
    thread.newFrom = 0;
    thread.toLatest();
    const clientId = this.outbox.send(
      id,
      body,
      {
        visibility: mode === 'note' ? 'note' : 'public',
        ...(checked ? { expectSeq: thread.lastSeq } : {}),
      },
      picked.take(),
    );
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
    this.#putBack(back, mode);
    this.setMode(back.conversation, mode);
  }

  #putBack(pending: Pending, mode: Mode): void {
    if (pending.body !== '') this.drafts.restore(pending.conversation, mode, pending.body);
    this.files(pending.conversation, mode).restore(pending.files ?? []);
  }

  #stale(pending: Pending): void {
    this.#putBack(pending, 'reply');
    const thread = this.#threads.get(pending.conversation);
    if (thread === undefined) return;
    thread.stale = true;
    void thread.catchUp();
  }
}

export const workspace = new Workspace();
