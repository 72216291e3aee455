// Who can take work: what each agent has chosen, and whether the server hears them.

import { SvelteMap } from 'svelte/reactivity';
import type { Id, Presence, PresenceState, StaffApi } from '../../../sdk';

export interface Choice {
  id: string;
  state: PresenceState;
  /** How long, where it ends by itself. */
  minutes?: number;
}

/** What an agent may choose to be, in the order of the menu. */
export const choices: readonly Choice[] = [
  { id: 'available', state: 'available' },
  { id: 'wrap_up', state: 'wrap_up', minutes: 5 },
  { id: 'break-15', state: 'break', minutes: 15 },
  { id: 'break-30', state: 'break', minutes: 30 },
  { id: 'break-60', state: 'break', minutes: 60 },
  { id: 'away', state: 'away' },
];

/** Unanswered conversations go back to the queue with these. */
export function givesBack(state: PresenceState): boolean {
  return state === 'break' || state === 'away';
}

/** What an agent is to others: the state that was chosen, once its time is over available, and offline without a connection. */
export function effective(p: Presence | undefined, now: Date): PresenceState | 'offline' {
  if (p === undefined || !p.online) return 'offline';
  return p.until > 0 && p.until / 1000 <= now.getTime() ? 'available' : p.state;
}

type Api = Pick<StaffApi, 'presence' | 'setPresence' | 'conversations'>;

/** A choice that waits for a yes, with how many unanswered conversations go back; -1 when that is not known. */
export interface Asking {
  choice: Choice;
  unanswered: number;
}

export class PresenceBoard {
  /** A choice that the agent must confirm. */
  asking: Asking | null = $state.raw(null);
  readonly #known = new SvelteMap<Id, Presence>();
  #me: Id = $state('');

  constructor(
    private readonly api: Api,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  async start(me: Id): Promise<void> {
    this.#me = me;
    try {
      this.receive((await this.api.presence()).presence);
    } catch {
      // The menu says that it is not known; the next reconnect asks again.
    }
  }

  get mine(): Presence | undefined {
    return this.#known.get(this.#me);
  }

  of(agent: Id): Presence | undefined {
    return this.#known.get(agent);
  }

  receive(p: Presence): void {
    const known = this.#known.get(p.agent_id);
    if (known === undefined || p.since >= known.since) this.#known.set(p.agent_id, p);
  }

  replace(all: readonly Presence[]): void {
    for (const p of all) this.receive(p);
  }

  /** Becomes something else; asks first when unanswered conversations would go back. */
  async choose(choice: Choice): Promise<void> {
    if (givesBack(choice.state)) {
      const unanswered = await this.#unanswered();
      if (unanswered !== 0) {
        this.asking = { choice, unanswered };
        return;
      }
    }
    await this.be(choice);
  }

  /** Becomes something else: shown at once, taken back when the server refuses. */
  async be({ state, minutes }: Choice): Promise<void> {
    this.asking = null;
    const before = this.mine;
    const at = Date.now() * 1000;
    if (before !== undefined)
      this.#known.set(this.#me, {
        ...before,
        state,
        since: at,
        until: minutes === undefined ? 0 : at + minutes * 60e6,
      });
    try {
      const { presence } = await this.api.setPresence(state, minutes);
      this.#known.set(presence.agent_id, presence);
    } catch (error) {
      if (before !== undefined) this.#known.set(this.#me, before);
      this.onFailure(error);
    }
  }

  async #unanswered(): Promise<number> {
    try {
      const { conversations } = await this.api.conversations({ view: 'mine', limit: 100 });
      return conversations.filter((c) => c.status === 'open' && c.waiting_since > 0).length;
    } catch {
      return -1;
    }
  }
}
