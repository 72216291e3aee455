import type { Conversation, Counts, Id, StaffApi, View } from '../../../sdk';
import { append, belongs, merge, neighbour, place, type Filter } from './ordering';

export const views: readonly View[] = ['mine', 'unassigned', 'open', 'waiting', 'resolved', 'all'];

export function isView(value: string): value is View {
  return (views as readonly string[]).includes(value);
}

type Api = Pick<StaffApi, 'conversations' | 'conversation' | 'counts'>;
const pageSize = 50;

/** The list of conversations on screen, and the numbers beside the views. */
export class Desk {
  items: readonly Conversation[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  loadingMore = $state(false);
  counts: Counts | null = $state.raw(null);
  filter: Filter = $state.raw({ view: 'mine', team: '', me: '' });
  /** The row that keys move; the open conversation, or the one before it is opened. */
  cursor: Id | '' = $state('');

  #next = $state('');
  #asking: AbortController | null = null;
  #counting: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly api: Api,
    private readonly countDelay = 400,
  ) {}

  get hasMore(): boolean {
    return this.#next !== '';
  }

  /** Shows a view; nothing happens when it is shown already. */
  async show(filter: Filter): Promise<void> {
    const same =
      filter.view === this.filter.view && filter.team === this.filter.team && filter.me === this.filter.me;
    if (same && this.phase !== 'failed' && this.#asking === null && this.items.length > 0) return;
    this.filter = filter;
    if (!same) {
      this.items = [];
      this.phase = 'loading';
    }
    await this.refresh();
  }

  /** Asks for the first page again, as after every reconnect. What was loaded further down is asked for again by scrolling. */
  async refresh(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { view, team } = this.filter;
    try {
      const page = await this.api.conversations({ view, team, limit: pageSize }, asking.signal);
      if (asking.signal.aborted) return;
      const kept = this.items.find(
        (c) => c.id === this.cursor && !page.conversations.some((x) => x.id === c.id),
      );
      this.items =
        kept === undefined
          ? page.conversations
          : place(page.conversations, kept, { ...this.filter, view: 'all', team: '' }, kept.id);
      this.#next = page.next;
      this.phase = 'ready';
    } catch (error) {
      if (asking.signal.aborted) return;
      this.failure = error;
      // A list that is on screen stays there; the connection state says that it may be old.
      if (this.items.length === 0) this.phase = 'failed';
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }

  async more(): Promise<void> {
    if (this.loadingMore || this.#next === '' || this.#asking !== null) return;
    this.loadingMore = true;
    const { view, team } = this.filter;
    const cursor = this.#next;
    try {
      const page = await this.api.conversations({ view, team, cursor, limit: pageSize });
      if (cursor !== this.#next || view !== this.filter.view || team !== this.filter.team) return;
      this.items = append(this.items, page.conversations);
      this.#next = page.next;
    } catch {
      // Scrolling again asks again.
    } finally {
      this.loadingMore = false;
    }
  }

  find(id: Id): Conversation | undefined {
    return this.items.find((c) => c.id === id);
  }

  /** A live change, whole or in part. */
  apply(update: Partial<Conversation> & { id: Id }): void {
    const known = this.find(update.id);
    const merged = merge(known, update);
    if (merged === null || merged === known) return;
    if (known === undefined && !belongs(merged, this.filter)) return;
    if (this.filter.sees?.(merged.team_id) === false) {
      // Gone to a team that is not ours to see: also the open one leaves; its thread says where it went.
      this.items = this.items.filter((c) => c.id !== merged.id);
      return;
    }
    this.items = place(this.items, merged, this.filter, this.cursor);
    if (merged.contact === undefined) void this.#complete(merged.id);
  }

  /** Publications leave the contact out; a conversation that is new here needs its name. */
  async #complete(id: Id): Promise<void> {
    try {
      const { conversation } = await this.api.conversation(id);
      if (this.find(id) !== undefined) this.apply(conversation);
    } catch {
      // The case number stands in for the name until the list is asked for again.
    }
  }

  /** Moves the selection; rows that stayed only because they were selected leave now. */
  select(id: Id | ''): void {
    if (id === this.cursor) return;
    const left = this.cursor;
    this.cursor = id;
    const gone = left === '' ? undefined : this.find(left);
    if (gone !== undefined && !belongs(gone, this.filter))
      this.items = this.items.filter((c) => c.id !== left);
  }

  /** The row above (-1) or below (+1) the selected one; the first when none is selected. */
  neighbour(step: 1 | -1): Id | '' {
    return neighbour(
      this.items.map((c) => c.id),
      this.cursor,
      step,
    );
  }

  /** Asks for the numbers, soon: many changes in a row ask once. */
  countSoon(): void {
    this.#counting ??= setTimeout(() => {
      this.#counting = null;
      void this.count();
    }, this.countDelay);
  }

  async count(): Promise<void> {
    try {
      this.counts = await this.api.counts();
    } catch {
      // Old numbers are better than none; the next change asks again.
    }
  }
}
