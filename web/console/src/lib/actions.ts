// What an agent may do to a conversation: shown at once, undone when the server refuses.

import type {
  Conversation,
  ConversationPatch,
  ConversationStatus,
  Id,
  Priority,
  ScenarioKey,
  View,
} from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { api } from './api';
import { isView } from './desk.svelte';
import { neighbour } from './ordering';
import { directory } from './directory.svelte';
import { explain, isCode } from './explain';
import { overlay } from './overlay.svelte';
import { inboxPath, queuePath, searchPath } from './paths';
import { router } from './router.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';
import { workspace } from './workspace.svelte';

export const statuses: readonly ConversationStatus[] = ['open', 'waiting', 'resolved'];
export const priorities: readonly Priority[] = ['urgent', 'high', 'normal', 'low'];
export const scenarios: readonly ScenarioKey[] = [
  'suspected_theft',
  'locked_out',
  'transfer_trouble',
  'login_code',
  'how_to',
  'feedback',
  'appeal',
];

async function change(c: Conversation, patch: ConversationPatch, done: string): Promise<void> {
  workspace.apply({ id: c.id, ...patch });
  try {
    const { conversation } = await api.update(c.id, patch);
    workspace.apply(conversation);
    toasts.say(done);
  } catch (error) {
    const { status, assignee_id, team_id, priority, scenario } = c;
    workspace.apply({ id: c.id, status, assignee_id, team_id, priority, scenario });
    toasts.say(explain(error, i18n.t), 'error');
  }
}

export function assign(c: Conversation, to: Id | ''): void {
  const t = i18n.t.done;
  void change(c, { assignee_id: to }, to === '' ? t.unassigned : t.assigned(directory.name(to)));
}

export function setStatus(c: Conversation, status: ConversationStatus): void {
  void change(c, { status }, i18n.t.done.status(i18n.t.status[status]));
}

/** Resolves, or opens again what is resolved. */
export function toggleResolved(c: Conversation): void {
  setStatus(c, c.status === 'resolved' ? 'open' : 'resolved');
}

export function setPriority(c: Conversation, priority: Priority): void {
  void change(c, { priority }, i18n.t.done.priority(i18n.t.priority[priority]));
}

export function setTeam(c: Conversation, team: Id): void {
  void change(c, { team_id: team }, i18n.t.done.team(directory.teamName(team)));
}

export function setScenario(c: Conversation, scenario: ScenarioKey | ''): void {
  const t = i18n.t;
  void change(c, { scenario }, t.done.scenario(t.scenario[scenario === '' ? 'none' : scenario]));
}

export async function markUnread(c: Conversation): Promise<void> {
  if (c.contact_seq === 0) return;
  const thread = workspace.thread;
  if (thread?.id === c.id) thread.heldUnread = true;
  workspace.apply({ id: c.id, agent_read_seq: Math.min(c.agent_read_seq, c.contact_seq - 1) });
  try {
    await api.unread(c.id);
    toasts.say(i18n.t.done.unread);
  } catch (error) {
    workspace.apply({ id: c.id, agent_read_seq: c.agent_read_seq });
    toasts.say(explain(error, i18n.t), 'error');
  }
}

export async function copyLink(c: Conversation): Promise<void> {
  try {
    await navigator.clipboard.writeText(`${location.origin}/console${inboxPath('all', c.id)}`);
    toasts.say(i18n.t.done.link);
  } catch {
    toasts.say(i18n.t.error.title, 'error');
  }
}

/* ---- queue ---- */

/** Takes whoever is next in line, and opens it. */
export async function takeNext(): Promise<void> {
  if (!session.can('conversation.reply')) return;
  try {
    const { conversation } = await api.takeNext();
    taken(conversation);
  } catch (error) {
    const nothing = isCode(error, 'not_found');
    toasts.say(nothing ? i18n.t.queue.nothingToTake : explain(error, i18n.t), nothing ? 'done' : 'error');
    workspace.queue.soon();
  }
}

/** Takes one that is not next: somebody who is needed for it has seen it. */
export async function takeThis(id: Id): Promise<void> {
  workspace.expectMine(id);
  workspace.queue.drop(id);
  try {
    const { conversation } = await api.update(id, { assignee_id: session.id });
    taken(conversation);
  } catch (error) {
    toasts.say(explain(error, i18n.t), 'error');
    workspace.queue.soon();
  }
}

function taken(c: Conversation): void {
  workspace.expectMine(c.id);
  workspace.queue.drop(c.id);
  workspace.apply(c);
  router.go(inboxPath('mine', c.id));
}

/** Opens the dialog that gives a conversation to a team, a colleague or back to the queue. */
export function askHandOver(c: Conversation, to?: 'queue'): void {
  if (session.can('conversation.reply'))
    overlay.handingOver = to === undefined ? { id: c.id } : { id: c.id, to };
}

/* ---- going places ---- */

export function currentView(): View {
  const view = router.current.params['view'] ?? '';
  return isView(view) ? view : 'mine';
}

export function currentTeam(): Id | '' {
  return router.current.query.get('team') ?? '';
}

export function showView(view: View, team: Id | '' = currentTeam()): void {
  router.go(inboxPath(view, '', team));
}

/** The address of a conversation, or of none, beside the list that is on screen. */
function beside(id: Id | ''): string {
  const { name, query } = router.current;
  if (name === 'search') return searchPath(query.get('q') ?? '', id);
  return name === 'queue' ? queuePath(id) : inboxPath(currentView(), id, currentTeam());
}

/** Opens a conversation beside the list it was chosen from. */
export function openConversation(id: Id): void {
  router.go(beside(id));
}

export function closeConversation(): void {
  router.go(beside(''));
}

/** Moves the selection; when a conversation is open, the next one opens. */
export function step(by: 1 | -1): void {
  const { cursor } = workspace.desk;
  const { name } = router.current;
  const id =
    name === 'search' || name === 'queue'
      ? neighbour(workspace.results, cursor, by)
      : workspace.desk.neighbour(by);
  if (id === '') return;
  if (workspace.thread === null) workspace.desk.select(id);
  else openConversation(id);
}

export function write(mode: 'reply' | 'note'): void {
  const c = workspace.current;
  if (c === undefined || !session.can('conversation.reply')) return;
  if (workspace.thread?.id !== c.id) openConversation(c.id);
  workspace.setMode(c.id, mode);
  workspace.focusComposer++;
}
