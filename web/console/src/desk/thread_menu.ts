// What the menus of a thread's header offer.

import type { Conversation } from '../../../sdk';
import type { Catalogue } from '../i18n/index.svelte';
import * as act from '../lib/actions';
import { directory } from '../lib/directory.svelte';
import { overlay } from '../lib/overlay.svelte';
import { session } from '../lib/session.svelte';
import type { MenuItem } from '../ui/Menu.svelte';

export function assignChoices(c: Conversation, t: Catalogue): MenuItem[] {
  return [
    ...directory.assignable.map((a): MenuItem => ({
      id: a.id,
      label: a.id === session.id ? t.thread.assignToMe : a.name,
      icon: a.id === session.id ? 'userPlus' : 'user',
      checked: c.assignee_id === a.id,
      onselect: () => {
        act.assign(c, a.id);
      },
    })),
    {
      id: '',
      label: t.thread.unassign,
      icon: 'x',
      checked: c.assignee_id === '',
      onselect: () => {
        act.assign(c, '');
      },
    },
  ];
}

/** On a phone the header has no room for some of its buttons; they are here then. */
export function moreChoices(c: Conversation, t: Catalogue, phone: boolean): MenuItem[] {
  const out: MenuItem[] = [];
  if (phone)
    out.push({
      id: 'details',
      label: t.thread.context,
      icon: 'panel',
      onselect: () => {
        overlay.details = true;
      },
    });
  if (phone && session.can('conversation.assign'))
    out.push({
      id: 'assign',
      label: t.thread.assign,
      icon: 'userPlus',
      onselect: () => {
        overlay.palette = 'assign';
      },
    });
  if (session.can('conversation.reply')) {
    out.push({
      id: 'hand-over',
      label: t.handOver.title,
      icon: 'swap',
      keys: ['h'],
      onselect: () => {
        act.askHandOver(c);
      },
    });
    if (c.assignee_id !== '')
      out.push({
        id: 'return',
        label: t.handOver.giveBack,
        icon: 'queue',
        onselect: () => {
          act.askHandOver(c, 'queue');
        },
      });
    out.push({
      id: 'priority',
      label: t.keys.priority,
      icon: 'alert',
      keys: ['p'],
      onselect: () => {
        overlay.palette = 'priority';
      },
    });
  }
  out.push(
    {
      id: 'unread',
      label: t.thread.markUnread,
      icon: 'mail',
      keys: ['u'],
      onselect: () => void act.markUnread(c),
    },
    { id: 'link', label: t.thread.copyLink, icon: 'link', onselect: () => void act.copyLink(c) },
  );
  return out;
}
