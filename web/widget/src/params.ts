import type { ReadingLocale, ScenarioKey, Theme } from '../../sdk';
import { nearestLocale } from './i18n';

/** What the loader says in the fragment of the frame's address, or a native app in that of its web view. */
export interface Params extends Look, Aim {
  /** Exact origin of the page around us; '' when we are a page of our own. */
  origin: string;
  /** Address of that page, without query. */
  page: string;
  locale: ReadingLocale;
  entity: string;
  /** The page can say who is signed in: ask it. */
  identify: boolean;
  /** Forget whoever was signed in. */
  logout: boolean;
}

/** How to look; every part is '' when not said. */
export interface Look {
  theme: Theme;
  /** #rrggbb */
  color: string;
  /** Pixels, 0 to 24. */
  radius: string;
  /** A list of font names. */
  font: string;
}

/** Where to begin; every part is '' when not said. */
export interface Aim {
  scenario: ScenarioKey | '';
  /** What was looked for in vain: the first message begins with it. */
  text: string;
  /** category/slug */
  article: string;
  conversation: string;
  /** Begin to write, also without scenario or text. */
  write: boolean;
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
  const said = Object.fromEntries(new URLSearchParams(hash.replace(/^#/, '')));
  const page = said['page'] ?? '';
  return {
    ...asLook(said),
    ...asAim(said),
    origin: originOf(said['origin'] ?? ''),
    page: /^https?:\/\//.test(page) ? page.slice(0, 500) : '',
    locale: nearestLocale(said['locale'] || fallbackLanguage),
    entity: match(said['entity'], /^[\w-]{1,64}$/),
    identify: !!said['identify'],
    logout: !!said['logout'],
  };
}

export function asLook({ theme, color, radius, font }: Record<string, unknown>): Look {
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    color: match(color, /^#[0-9a-f]{6}$/i),
    radius: match(typeof radius === 'number' ? String(radius) : radius, /^(1?\d|2[0-4])$/),
    // Names only: no url(), no var(), nothing that ends the declaration.
    font: match(font, /^[\p{L}\d ,'"_-]{1,200}$/u),
  };
}

export function asAim({ scenario, text, article, conversation, write }: Record<string, unknown>): Aim {
  return {
    scenario: typeof scenario === 'string' && scenarios.includes(scenario) ? (scenario as ScenarioKey) : '',
    text: typeof text === 'string' ? text.slice(0, 1_000).replace(/\s+/g, ' ').trim().slice(0, 200) : '',
    article: match(article, /^[\p{L}\d._~-]{1,120}\/[\p{L}\d._~-]{1,200}$/u),
    conversation: match(conversation, /^\d{1,20}$/),
    write: !!write,
  };
}

function match(value: unknown, form: RegExp): string {
  return typeof value === 'string' && value.length <= 400 && form.test(value) ? value : '';
}

function originOf(value: string): string {
  try {
    const { origin } = new URL(value);
    return origin === value ? origin : '';
  } catch {
    return '';
  }
}
