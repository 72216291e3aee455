import type { Locale, ScenarioKey, Theme } from '../../sdk';
import { nearestLocale } from './i18n';

/** What the loader says in the fragment of the frame's address. */
export interface Params {
  /** Exact origin of the page around us; '' when we are a page of our own. */
  origin: string;
  /** Address of that page, without query. */
  page: string;
  locale: Locale;
  theme: Theme;
  /** #rrggbb or ''. */
  color: string;
  scenario: ScenarioKey | '';
  /** What was looked for in vain: the first message begins with it. */
  text: string;
}

const scenarios: readonly string[] = [
  'login_code',
  'transfer_trouble',
  'locked_out',
  'how_to',
  'suspected_theft',
  'feedback',
  'appeal',
] satisfies ScenarioKey[];

/** Reads the fragment; whatever is not exactly as expected counts as not said. */
export function readParams(hash: string, fallbackLanguage: string): Params {
  const q = new URLSearchParams(hash.replace(/^#/, ''));
  const get = (name: string) => q.get(name) ?? '';
  const page = get('page');
  return {
    origin: originOf(get('origin')),
    page: /^https?:\/\//.test(page) ? page.slice(0, 500) : '',
    locale: nearestLocale(get('locale') || fallbackLanguage),
    theme: asTheme(get('theme')),
    color: asColor(get('color')),
    scenario: asScenario(get('scenario')),
    text: asText(get('text')),
  };
}

export function asTheme(value: unknown): Theme {
  return value === 'light' || value === 'dark' ? value : 'system';
}
export function asColor(value: unknown): string {
  return typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value : '';
}
export function asText(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim().slice(0, 200) : '';
}
export function asScenario(value: unknown): ScenarioKey | '' {
  return typeof value === 'string' && scenarios.includes(value) ? (value as ScenarioKey) : '';
}

function originOf(value: string): string {
  try {
    const { origin } = new URL(value);
    return origin === value ? origin : '';
  } catch {
    return '';
  }
}
