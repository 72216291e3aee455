import { session, type Permission } from './session.svelte';

export type Section = 'profile' | 'security' | 'staff' | 'teams' | 'queue' | 'audit' | 'jobs';

const needs: Readonly<Record<Section, readonly Permission[]>> = {
  profile: [],
  security: [],
  staff: ['staff.read', 'staff.manage'],
  teams: ['staff.read', 'team.manage'],
  queue: ['team.manage'],
  audit: ['audit.read'],
  jobs: ['jobs.manage'],
};

export const allSections = Object.keys(needs) as Section[];

export function isSection(value: string): value is Section {
  return (allSections as string[]).includes(value);
}

/** Any one of a section's permissions opens it. */
export function mayOpen(section: Section): boolean {
  const wanted = needs[section];
  return wanted.length === 0 || wanted.some((p) => session.can(p));
}

/** The sections that this agent may open. */
export function sections(): Section[] {
  return allSections.filter(mayOpen);
}
