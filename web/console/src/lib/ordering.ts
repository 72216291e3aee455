// Which conversations a view holds and in what order: the same rules as the server's, so that a live change can be
// shown before the list is asked for again.

import type { Conversation, Id, View } from '../../../sdk';

export interface Filter {
  view: View;
  /** '' for every team. */
  team: Id | '';
  /** Who "mine" is. */
  me: Id;
  /** Whether conversations of a team are to be seen at all; absent: all are. */
  sees?: (team: Id) => boolean;
}

export function belongs(c: Conversation, { view, team, me, sees }: Filter): boolean {
  if (sees !== undefined && !sees(c.team_id)) return false;
  if (team !== '' && c.team_id !== team) return false;
  switch (view) {
    case 'mine':
      return c.assignee_id === me && c.status !== 'resolved';
    case 'unassigned':
      return c.assignee_id === '' && c.status === 'open';
    case 'all':
      return true;
    default:
      return c.status === view;
  }
}

export function activity(c: Conversation): number {
  return c.last_message?.created_at ?? c.updated_at;
}

export function isUnread(c: Conversation): boolean {
  return c.contact_seq > c.agent_read_seq;
}

/** Newest activity first; ids, which grow with time, break ties. */
export function compare(a: Conversation, b: Conversation): number {
  return activity(b) - activity(a) || b.id.length - a.id.length || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * Joins an update with what is known. Publications leave the contact out, and they may arrive late or twice: an older
 * one never undoes a newer, and read marks only go forward with a newer sequence.
 */
export function merge(
  known: Conversation | undefined,
  update: Partial<Conversation> & { id: Id },
): Conversation | null {
  if (known === undefined) return isWhole(update) ? update : null;
  if ((update.updated_at ?? known.updated_at) < known.updated_at) return known;
  const merged = { ...known, ...update };
  return update.contact === undefined && known.contact !== undefined
    ? { ...merged, contact: known.contact }
    : merged;
}

function isWhole(c: Partial<Conversation>): c is Conversation {
  return (
    c.status !== undefined &&
    c.number !== undefined &&
    c.seq !== undefined &&
    c.updated_at !== undefined &&
    c.team_id !== undefined
  );
}

/**
 * Puts a conversation in its place, moves it, or takes it out. The one on screen (`keep`) stays in the list although it
 * no longer belongs: work must not vanish from under one's hands.
 */
export function place(
  list: readonly Conversation[],
  c: Conversation,
  filter: Filter,
  keep: Id | '',
): Conversation[] {
  const rest = list.filter((x) => x.id !== c.id);
  if (!belongs(c, filter) && c.id !== keep) return rest;
  if (c.id === keep && !list.some((x) => x.id === keep) && !belongs(c, filter)) return rest;
  let low = 0;
  let high = rest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = rest[middle];
    if (at !== undefined && compare(at, c) <= 0) low = middle + 1;
    else high = middle;
  }
  return [...rest.slice(0, low), c, ...rest.slice(low)];
}

/** The id beside another (-1 before, +1 after), stopping at the ends; the first when the other is not there, '' of nothing. */
export function neighbour(ids: readonly Id[], from: Id | '', by: 1 | -1): Id | '' {
  const at = from === '' ? -1 : ids.indexOf(from);
  const to = at === -1 ? 0 : Math.min(Math.max(at + by, 0), ids.length - 1);
  return ids[to] ?? '';
}

/** A page added below, without doubling what arrived live meanwhile. */
export function append(list: readonly Conversation[], page: readonly Conversation[]): Conversation[] {
  const known = new Set(list.map((c) => c.id));
  return [...list, ...page.filter((c) => !known.has(c.id))];
}
