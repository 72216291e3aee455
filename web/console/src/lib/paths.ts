import type { Id, View } from '../../../sdk';

/** The address of a view, with a conversation open in it when one is given. */
export function inboxPath(view: View, id: Id | '' = '', team: Id | '' = ''): string {
  const path = id === '' ? `/inbox/${view}` : `/inbox/${view}/${encodeURIComponent(id)}`;
  return team === '' ? path : `${path}?team=${encodeURIComponent(team)}`;
}

export function searchPath(query: string, id: Id | '' = ''): string {
  const path = id === '' ? '/search' : `/search/${encodeURIComponent(id)}`;
  return query === '' ? path : `${path}?q=${encodeURIComponent(query)}`;
}
