// The places of the Help Center area, who may open them, and their addresses.

import type { Attention, Id, ReadingLocale, Stage } from '../../../sdk';
import type { Permission } from './session.svelte';

export type HelpSection =
  'articles' | 'categories' | 'insight' | 'feedback' | 'synonyms' | 'announcements' | 'official';

/** Any one of a section's permissions opens it. */
const needs: Readonly<Record<HelpSection, readonly Permission[]>> = {
  articles: ['article.edit'],
  categories: ['article.publish'],
  insight: ['insight.read'],
  feedback: ['insight.read'],
  synonyms: ['article.publish'],
  announcements: ['announcement.manage'],
  official: ['article.edit', 'official.manage'],
};

export const helpSections = Object.keys(needs) as HelpSection[];

export function isHelpSection(value: string): value is HelpSection {
  return (helpSections as string[]).includes(value);
}

export function openTo(can: (permission: Permission) => boolean): HelpSection[] {
  return helpSections.filter((section) => needs[section].some(can));
}

export const readingLocales: readonly ReadingLocale[] = ['en', 'zh-CN', 'zh-TW'];
export const stages: readonly Stage[] = ['draft', 'review', 'scheduled', 'published', 'archived'];
export const attentions: readonly Attention[] = ['missing', 'outdated', 'due', 'links', 'drafts'];

export function isReadingLocale(value: string): value is ReadingLocale {
  return (readingLocales as readonly string[]).includes(value);
}

/** The address of a list, with only the filters that are set. */
export function articlesPath(filter: Readonly<Record<string, string | undefined>> = {}): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== '') q.set(name, value);
  }
  const s = q.toString();
  return `/help/articles${s && `?${s}`}`;
}

export function articlePath(id: Id, locale?: ReadingLocale, panel?: 'versions'): string {
  const path = `/help/articles/${encodeURIComponent(id)}`;
  if (locale === undefined) return path;
  return panel === undefined ? `${path}/${locale}` : `${path}/${locale}/${panel}`;
}

export function sectionPath(section: HelpSection, query: Readonly<Record<string, string>> = {}): string {
  const s = new URLSearchParams(query).toString();
  return `/help/${section}${s && `?${s}`}`;
}
