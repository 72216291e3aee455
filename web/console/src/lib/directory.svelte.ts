import type { Id, Message, StaffMember, Team } from '../../../sdk';
import { SvelteMap } from 'svelte/reactivity';
import { api } from './api';
import { isCode } from './explain';
import { session } from './session.svelte';

/** As the server has it for whoever nobody has set one. */
const usualCapacity = 6;

/** Names of colleagues and teams. A role that may not list the staff still learns names from what it reads. */
class Directory {
  agents: readonly StaffMember[] = $state.raw([]);
  teams: readonly Team[] = $state.raw([]);
  readonly #learnt = new SvelteMap<Id, string>();

  async load(): Promise<void> {
    const [agents, teams] = await Promise.all([this.#quiet(api.agents()), this.#quiet(api.teams())]);
    if (agents !== null) this.agents = agents.agents;
    if (teams !== null) this.teams = teams.teams;
  }

  async #quiet<T>(asking: Promise<T>): Promise<T | null> {
    try {
      return await asking;
    } catch (error) {
      if (isCode(error, 'forbidden', 'not_found', 'unauthorized', '')) return null;
      throw error;
    }
  }

  learn(messages: readonly Message[]): void {
    for (const m of messages) {
      if (
        m.author_kind === 'agent' &&
        m.author_name !== '' &&
        this.#learnt.get(m.author_id) !== m.author_name
      ) {
        this.#learnt.set(m.author_id, m.author_name);
      }
    }
  }

  /** '' for nobody or somebody unknown. */
  name(id: Id | ''): string {
    if (id === '') return '';
    if (id === session.id) return session.me?.agent.name ?? '';
    return this.agents.find((a) => a.id === id)?.name ?? this.#learnt.get(id) ?? '';
  }

  /** Units of work that this agent takes at a time. */
  get capacity(): number {
    return this.agents.find((a) => a.id === session.id)?.capacity ?? usualCapacity;
  }

  teamName(id: Id): string {
    return this.myTeams.find((t) => t.id === id)?.name ?? '';
  }

  /** The teams one may choose from: all that can be listed, or one's own. */
  get myTeams(): readonly { id: Id; name: string }[] {
    return this.teams.length > 0 ? this.teams : (session.me?.agent.teams ?? []);
  }

  /** Active colleagues, oneself first. */
  get assignable(): readonly { id: Id; name: string; online: boolean }[] {
    const me = session.me?.agent;
    const others = this.agents
      .filter((a) => a.status === 'active' && a.id !== me?.id)
      .sort((a, b) => Number(b.online) - Number(a.online) || a.name.localeCompare(b.name));
    return me === undefined ? others : [{ id: me.id, name: me.name, online: true }, ...others];
  }
}

export const directory = new Directory();
