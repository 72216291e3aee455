// To whom a conversation may go.

import type { Conversation, Id, Presence, QueueTeam, StaffMember } from '../../../sdk';
import { filter } from './fuzzy';
import { effective } from './presence.svelte';

export interface Target {
  kind: 'queue' | 'team' | 'agent';
  /** Of the team or agent; of the queue, its team's. */
  id: Id;
  name: string;
  /** Of a team, where the queue knows it. */
  team?: QueueTeam;
  presence?: Presence;
  state?: ReturnType<typeof effective>;
  capacity?: number;
}

export interface Known {
  me: Id;
  agents: readonly StaffMember[];
  teams: readonly { id: Id; name: string }[];
  standing: readonly QueueTeam[];
  presence: (agent: Id) => Presence | undefined;
  now: Date;
  /** May give to others; without it only back to the queue. */
  mayGive: boolean;
  /** What the queue of the conversation's team is called. */
  queueName: string;
}

const rank = { available: 0, wrap_up: 1, break: 2, away: 3, offline: 4 } as const;
/** May answer; the server decides in the end. */
export const answering: ReadonlySet<string> = new Set(['admin', 'supervisor', 'agent', 'compliance']);

/** The queue, the other teams, then colleagues: those of the same team and those who can take work first. */
export function targets(c: Conversation, known: Known): Target[] {
  const out: Target[] = [];
  if (c.assignee_id !== '') out.push({ kind: 'queue', id: c.team_id, name: known.queueName });
  if (!known.mayGive) return out;
  for (const { id, name } of known.teams) {
    if (id === c.team_id) continue;
    const team = known.standing.find((x) => x.id === id);
    out.push({ kind: 'team', id, name, ...(team === undefined ? {} : { team }) });
  }
  const people = known.agents
    .filter(
      (a) => a.status === 'active' && a.id !== known.me && a.id !== c.assignee_id && answering.has(a.role),
    )
    .map((a) => {
      const presence = known.presence(a.id);
      const state = effective(presence, known.now);
      const near = a.teams.includes(c.team_id) ? 0 : 1;
      const target: Target = { kind: 'agent', id: a.id, name: a.name, state, capacity: a.capacity };
      return { target: presence === undefined ? target : { ...target, presence }, near };
    })
    .sort(
      (a, b) =>
        rank[a.target.state ?? 'offline'] - rank[b.target.state ?? 'offline'] ||
        a.near - b.near ||
        (a.target.presence?.load ?? 0) - (b.target.presence?.load ?? 0) ||
        a.target.name.localeCompare(b.target.name),
    );
  return [...out, ...people.map((p) => p.target)];
}

/** Those whose name fits what was typed. */
export function find(all: readonly Target[], text: string): readonly Target[] {
  return text.trim() === '' ? all : filter(text, all, (x) => x.name);
}
