// Every action by name, for the palette. What a role may not do is not in the list.

import type { Conversation } from '../../../sdk';
import { i18n, locales, type Catalogue } from '../i18n/index.svelte';
import * as act from './actions';
import { areaCommands } from './area_actions';
import { views } from './desk.svelte';
import { directory } from './directory.svelte';
import { explain } from './explain';
import { articlesPath, openTo, sectionPath } from './help';
import { overlay, type PaletteScope } from './overlay.svelte';
import { queuePath } from './paths';
import { choices } from './presence.svelte';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { sections } from './settings';
import { keys, type ShortcutId } from './shortcuts';
import { toasts } from './toasts.svelte';
import { workspace } from './workspace.svelte';

export type CommandSection = 'area' | 'conversation' | 'go' | 'settings' | 'app';

export interface Command {
  id: string;
  label: string;
  section: CommandSection;
  /** The narrower palettes that offer it too. */
  scope?: PaletteScope;
  keys?: readonly string[];
  /** True for the value in force. */
  current?: boolean;
  run: () => void;
}

export function command(
  section: CommandSection,
  id: string,
  label: string,
  run: () => void,
  extra: { shortcut?: ShortcutId; scope?: PaletteScope; current?: boolean } = {},
): Command {
  return {
    id,
    label,
    section,
    run,
    ...(extra.scope === undefined ? {} : { scope: extra.scope }),
    ...(extra.current === undefined ? {} : { current: extra.current }),
    ...(extra.shortcut === undefined ? {} : { keys: keys[extra.shortcut] }),
  };
}

function onConversation(c: Conversation, t: Catalogue): Command[] {
  const out: Command[] = [];
  const add = (
    ...rest: [id: string, label: string, run: () => void, extra?: Parameters<typeof command>[4]]
  ) => {
    out.push(command('conversation', ...rest));
  };
  if (session.can('conversation.reply')) {
    add(
      'reply',
      t.keys.reply,
      () => {
        act.write('reply');
      },
      { shortcut: 'reply' },
    );
    add(
      'note',
      t.keys.note,
      () => {
        act.write('note');
      },
      { shortcut: 'note' },
    );
    add(
      'resolve',
      c.status === 'resolved' ? t.thread.reopen : t.thread.resolve,
      () => {
        act.toggleResolved(c);
      },
      { shortcut: 'resolve' },
    );
  }
  if (session.can('conversation.assign')) {
    for (const a of directory.assignable) {
      const label = a.id === session.id ? t.thread.assignToMe : t.palette.assignTo(a.name);
      add(
        `assign:${a.id}`,
        label,
        () => {
          act.assign(c, a.id);
        },
        { scope: 'assign', current: c.assignee_id === a.id },
      );
    }
    add(
      'assign:',
      t.thread.unassign,
      () => {
        act.assign(c, '');
      },
      { scope: 'assign', current: c.assignee_id === '' },
    );
  }
  if (session.can('conversation.reply')) {
    for (const p of act.priorities) {
      add(
        `priority:${p}`,
        t.palette.priorityTo(t.priority[p]),
        () => {
          act.setPriority(c, p);
        },
        { scope: 'priority', current: c.priority === p },
      );
    }
    for (const s of act.statuses) {
      add(
        `status:${s}`,
        t.palette.statusTo(t.status[s]),
        () => {
          act.setStatus(c, s);
        },
        { scope: 'status', current: c.status === s },
      );
    }
    for (const s of act.scenarios) {
      add(
        `scenario:${s}`,
        t.palette.scenarioTo(t.scenario[s]),
        () => {
          act.setScenario(c, s);
        },
        { scope: 'scenario', current: c.scenario === s },
      );
    }
    add(
      'scenario:',
      t.palette.scenarioTo(t.scenario.none),
      () => {
        act.setScenario(c, '');
      },
      { scope: 'scenario', current: c.scenario === '' },
    );
  }
  if (session.can('conversation.assign')) {
    for (const team of directory.myTeams) {
      add(
        `team:${team.id}`,
        t.palette.teamTo(team.name),
        () => {
          act.setTeam(c, team.id);
        },
        { scope: 'team', current: c.team_id === team.id },
      );
    }
  }
  if (session.can('conversation.reply')) {
    add(
      'hand-over',
      t.handOver.title,
      () => {
        act.askHandOver(c);
      },
      { shortcut: 'hand-over' },
    );
    if (c.assignee_id !== '')
      add('return', t.handOver.giveBack, () => {
        act.askHandOver(c, 'queue');
      });
  }
  add(
    'unread',
    t.thread.markUnread,
    () => {
      void act.markUnread(c);
    },
    { shortcut: 'unread' },
  );
  add('link', t.thread.copyLink, () => {
    void act.copyLink(c);
  });
  return out;
}

function update(change: Parameters<typeof session.update>[0]): void {
  session.update(change).catch((error: unknown) => {
    toasts.say(explain(error, i18n.t), 'error');
  });
}

const viewKeys: Partial<Record<(typeof views)[number], ShortcutId>> = {
  mine: 'go-mine',
  unassigned: 'go-unassigned',
  all: 'go-all',
};

function inbox(t: Catalogue): Command[] {
  if (!session.can('conversation.read')) return [];
  const out: Command[] = views.map((v) => {
    const shortcut = viewKeys[v];
    return command(
      'go',
      `view:${v}`,
      t.palette.view(t.views[v]),
      () => {
        act.showView(v);
      },
      shortcut === undefined ? {} : { shortcut },
    );
  });
  out.push(
    command(
      'go',
      'queue',
      t.palette.view(t.queue.title),
      () => {
        router.go(queuePath());
      },
      { shortcut: 'go-queue' },
    ),
  );
  if (session.can('conversation.reply'))
    out.push(command('go', 'take', t.queue.takeNext, () => void act.takeNext(), { shortcut: 'take' }));
  out.push(
    command(
      'go',
      'search',
      t.search.open,
      () => {
        router.go('/search');
      },
      { shortcut: 'search' },
    ),
  );
  return out;
}

/** What one may be to the queue. */
function presence(t: Catalogue): Command[] {
  if (!session.can('conversation.reply')) return [];
  const mine = workspace.presence.mine?.state;
  return choices.map((choice) =>
    command(
      'app',
      `presence:${choice.id}`,
      t.presence.be(t.presence.choices[choice.id] ?? choice.id),
      () => {
        void workspace.presence.choose(choice);
      },
      { scope: 'presence', ...(choice.minutes === undefined ? { current: choice.state === mine } : {}) },
    ),
  );
}

function helpCenter(t: Catalogue): Command[] {
  const open = openTo((p) => session.can(p));
  const out = open.map((section) =>
    command(
      'go',
      `help:${section}`,
      `${t.help.title}: ${t.help[section]}`,
      () => {
        router.go(section === 'articles' ? articlesPath() : sectionPath(section));
      },
      section === 'articles' ? { shortcut: 'go-help' } : {},
    ),
  );
  if (open.includes('articles'))
    out.push(
      command('go', 'help:new', t.help.newArticle, () => {
        router.go(articlesPath({ new: '1' }));
      }),
    );
  return out;
}

function everywhere(t: Catalogue): Command[] {
  const out: Command[] = [...inbox(t), ...presence(t), ...helpCenter(t)];
  for (const s of sections()) {
    out.push(
      command('settings', `settings:${s}`, `${t.settings.title}: ${t.settings[s]}`, () => {
        router.go(`/settings/${s}`);
      }),
    );
  }
  for (const theme of ['system', 'light', 'dark'] as const) {
    out.push(
      command('app', `theme:${theme}`, t.palette.theme(t.theme[theme]), () => {
        update({ theme });
      }),
    );
  }
  for (const locale of locales) {
    out.push(
      command('app', `locale:${locale}`, t.palette.language(t.locales[locale]), () => {
        update({ locale });
      }),
    );
  }
  out.push(
    command(
      'app',
      'help',
      t.account.shortcuts,
      () => {
        overlay.help = true;
      },
      { shortcut: 'help' },
    ),
  );
  out.push(
    command('app', 'sign-out', t.account.signOut, () => {
      void session.signOut();
    }),
  );
  return out;
}

/** The commands of a palette; the narrower ones hold only the values of one property. */
export function commands(scope: PaletteScope): Command[] {
  const t = i18n.t;
  const c = workspace.current;
  if (scope === 'presence') return presence(t);
  const onDesk = ['inbox', 'queue', 'search'].includes(router.current.name);
  const here = c === undefined || !onDesk ? [] : onConversation(c, t);
  return scope === 'all'
    ? [...areaCommands(), ...here, ...everywhere(t)]
    : here.filter((x) => x.scope === scope);
}
