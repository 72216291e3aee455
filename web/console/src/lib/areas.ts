// The great places of the console. One sees those that one's permissions open.

import type { IconName } from '../ui/Icon.svelte';
import { articlesPath, openTo, sectionPath } from './help';
import { inboxPath } from './paths';
import { session } from './session.svelte';

export type Area = 'inbox' | 'help';

export interface Place {
  area: Area;
  path: string;
  icon: IconName;
}

export function areas(): Place[] {
  const out: Place[] = [];
  if (session.can('conversation.read')) out.push({ area: 'inbox', path: inboxPath('mine'), icon: 'inbox' });
  const [first] = openTo((p) => session.can(p));
  if (first !== undefined)
    out.push({
      area: 'help',
      path: first === 'articles' ? articlesPath() : sectionPath(first),
      icon: 'book',
    });
  return out;
}

/** Where one arrives after signing in; settings when a role opens nothing else. */
export function homePath(): string {
  return areas()[0]?.path ?? '/settings/profile';
}
