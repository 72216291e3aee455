import type { Id, Seq, View } from '../../../sdk';

/** The address of a view, with a conversation open in it when one is given. */
export function inboxPath(view: View, id: Id | '' = '', team: Id | '' = ''): string {
  const path = id === '' ? `/inbox/${view}` : `/inbox/${view}/${encodeURIComponent(id)}`;
  return team === '' ? path : `${path}?team=${encodeURIComponent(team)}`;
}

/** The queue, with one of its conversations open beside it when one is given. */
export function queuePath(id: Id | '' = ''): string {
  return id === '' ? '/queue' : `/queue/${encodeURIComponent(id)}`;
}

/** A search, with a conversation open beside it; `at` is the sequence of the message that was found. */
export function searchPath(query: string, id: Id | '' = '', at: Seq = 0): string {
  const path = id === '' ? '/search' : `/search/${encodeURIComponent(id)}`;
  const values = new URLSearchParams();
  if (query !== '') values.set('q', query);
  if (at > 0) values.set('at', String(at));
  const rest = values.toString();
  return rest === '' ? path : `${path}?${rest}`;
}
