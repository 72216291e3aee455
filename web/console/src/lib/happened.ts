// What a system message tells, in words.

import type { Message } from '../../../sdk';
import type { Catalogue } from '../i18n/index.svelte';
import { directory } from './directory.svelte';

export interface Told {
  /** Who did it; '' when the sentence stands by itself. */
  who: string;
  what: string;
}

/** Names of agents and teams come as names; older messages carried ids. */
function nameOf(value: string): string {
  return directory.name(value) || directory.teamName(value) || value;
}

function returned(by: string, from: string, why: string, t: Catalogue): Told {
  if (by !== '') return { who: by, what: t.event.returned };
  const because = (t.event.returnedBecause as Readonly<Record<string, (from: string) => string>>)[why];
  const whose = from || t.event.someone;
  return { who: '', what: because?.(whose) ?? t.event.returnedAnyhow };
}

export function happened(m: Message, t: Catalogue): Told {
  const event = m.event;
  if (event == null) return { who: '', what: m.body };
  const { from, to } = event;
  // The queue and the contact act without an agent's name.
  const name = m.author_name || directory.name(m.author_id);
  const who = name || t.event.someone;
  const word = (of: Readonly<Record<string, string>>, key: string) => of[key] ?? key;
  switch (event.type) {
    case 'status':
      return { who, what: t.event.status(word(t.status, to)) };
    case 'assignee':
      if (to === '') return { who, what: t.event.unassigned };
      if (name !== '' && name === nameOf(to)) return { who, what: t.event.took };
      return name === ''
        ? { who: '', what: t.event.givenSystem(nameOf(to)) }
        : { who, what: t.event.assigned(nameOf(to)) };
    case 'team':
      return { who, what: t.event.team(nameOf(to)) };
    case 'priority':
      return { who, what: t.event.priority(word(t.priority, to)) };
    case 'scenario':
      return { who, what: t.event.scenario(word(t.scenario, to === '' ? 'none' : to)) };
    case 'returned':
      return returned(name, nameOf(from), to, t);
    case 'handover':
      return { who, what: t.event.handedOver(nameOf(to)) };
    case 'ended':
      if (name !== '') return { who, what: t.event.ended };
      // A contact's doing carries their id and no name, the system's neither.
      return { who: '', what: m.author_id === '' ? t.event.endedSystem : t.event.endedContact };
    case 'rating':
      return { who: '', what: t.event.rated(t.life.stars(Number(to))) };
    case 'signed_in':
      return { who: '', what: t.event.signedIn };
  }
}
