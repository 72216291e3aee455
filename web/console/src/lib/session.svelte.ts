import type { Me } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { api, onSignedOut } from './api';
import { isCode } from './explain';
import { prefs } from './prefs.svelte';

export type Permission =
  | 'conversation.read'
  | 'conversation.reply'
  | 'conversation.assign'
  | 'staff.read'
  | 'staff.manage'
  | 'team.manage'
  | 'audit.read'
  | 'jobs.manage'
  | 'article.edit'
  | 'article.publish'
  | 'announcement.manage'
  | 'official.manage'
  | 'insight.read';

/** The server decides; here only what is already on screen is taken away at once. */
const seesAllTeams: ReadonlySet<string> = new Set(['admin', 'supervisor', 'compliance', 'auditor']);

type Phase = 'loading' | 'out' | 'in' | 'failed';

/** Who is signed in and what they may do. */
class Session {
  phase: Phase = $state('loading');
  me: Me | null = $state.raw(null);
  /** True when a session that was open ended by itself. */
  expired = $state(false);
  failure: unknown = $state.raw(null);

  constructor() {
    onSignedOut(() => {
      if (this.phase !== 'in') return;
      this.expired = true;
      this.phase = 'out';
    });
  }

  get id(): string {
    return this.me?.agent.id ?? '';
  }

  can(permission: Permission): boolean {
    return this.me?.permissions.includes(permission) ?? false;
  }

  /** Whether conversations of a team are this agent's to see; those without a team are everybody's. */
  sees(team: string): boolean {
    const agent = this.me?.agent;
    if (agent === undefined) return false;
    return (
      team === '' || team === '0' || seesAllTeams.has(agent.role) || agent.teams.some((t) => t.id === team)
    );
  }

  async load(): Promise<void> {
    try {
      const me = await api.me();
      this.me = me;
      this.expired = false;
      i18n.set(me.agent.locale);
      prefs.setTheme(me.agent.theme);
      this.phase = 'in';
    } catch (error) {
      if (isCode(error, 'unauthorized')) {
        // Asked again because the live connection was closed: it was the session that ended.
        if (this.phase === 'in') this.expired = true;
        this.phase = 'out';
      } else {
        this.failure = error;
        this.phase = 'failed';
      }
    }
  }

  async signOut(): Promise<void> {
    try {
      await api.signOut();
    } finally {
      // A full load: nothing of one agent's conversations stays in memory for the next.
      location.assign('/console/sign-in');
    }
  }

  /** Changes name, language or theme, here at once and on the server. */
  async update(change: { name?: string; locale?: string; theme?: string }): Promise<void> {
    if (this.me === null) return;
    const before = this.me;
    this.me = { ...before, agent: { ...before.agent, ...change } };
    if (change.locale !== undefined) i18n.set(change.locale);
    if (change.theme !== undefined) prefs.setTheme(change.theme);
    try {
      await api.updateAccount(change);
    } catch (error) {
      this.me = before;
      i18n.set(before.agent.locale);
      prefs.setTheme(before.agent.theme);
      throw error;
    }
  }
}

export const session = new Session();
