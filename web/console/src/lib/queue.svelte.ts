import type { Id, QueueEntry, QueueTeam, Queue, StaffApi, Team } from '../../../sdk';
import { answerWithin, isLate } from './lateness';
import type { PresenceBoard } from './presence.svelte';

type Api = Pick<StaffApi, 'queue'>;

/** Who waits for an agent, in order, and how the teams stand. */
export class QueueBoard {
  teams: readonly QueueTeam[] = $state.raw([]);
  entries: readonly QueueEntry[] = $state.raw([]);
  phase: 'loading' | 'ready' | 'failed' = $state('loading');
  failure: unknown = $state.raw(null);
  /** Looked at: changes are asked for sooner. */
  shown = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asking: Promise<void> | null = null;
  #again = false;

  constructor(
    private readonly api: Api,
    private readonly presence: Pick<PresenceBoard, 'replace'>,
    private readonly delays: { shown: number; hidden: number } = { shown: 300, hidden: 2_000 },
  ) {}

  /** Asks the server; one request at a time, and once more if asked meanwhile. */
  load(): Promise<void> {
    if (this.#asking !== null) {
      this.#again = true;
      return this.#asking;
    }
    this.#asking = this.#load().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #load(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.#take(await this.api.queue());
      } catch (error) {
        this.failure = error;
        // What is on screen stays; the connection state says that it may be old.
        if (this.phase !== 'ready') this.phase = 'failed';
      }
    } while (this.#again);
  }

  #take(queue: Queue): void {
    this.teams = queue.teams;
    this.entries = queue.entries;
    this.presence.replace(queue.presence);
    this.phase = 'ready';
  }

  /** Something has changed: many changes in a row ask once. */
  soon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        void this.load();
      },
      this.shown ? this.delays.shown : this.delays.hidden,
    );
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  find(id: Id): QueueEntry | undefined {
    return this.entries.find((e) => e.conversation_id === id);
  }

  /** Taken: out of the list before the server says so again. */
  drop(id: Id): void {
    this.entries = this.entries.filter((e) => e.conversation_id !== id);
  }
}

/** Those in front of the chat who wait longer than their team promises. Who left a message is promised nothing here. */
export function lateEntries(entries: readonly QueueEntry[], teams: readonly Team[], now: Date): QueueEntry[] {
  return entries.filter((e) => {
    const team = teams.find((t) => t.id === e.team_id);
    return e.live && isLate(e.entered_at, answerWithin(team?.queue), now);
  });
}
