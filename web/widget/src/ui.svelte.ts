import type { ReadingLocale, ScenarioKey } from '../../sdk';
import lateSheet from './css/late.css?url';
import { sheet } from './fetched.svelte';
import { languageOf, type Catalogue, type LateCatalogue } from './i18n';
import type { Look } from './params';

export interface Chat {
  name: 'chat';
  /** '': a new one, opened by the first message. */
  conversation: string;
  scenario: ScenarioKey | '';
  draft: string;
  /** Values of PreparedField by key. */
  prepared: Readonly<Record<string, string>>;
  /** message: left while nobody is there. */
  mode: 'live' | 'message';
  replyEmail: string;
}
export type View =
  | { name: 'home' }
  | { name: 'article'; category: string; slug: string }
  | { name: 'prepare' }
  | Chat
  | { name: 'requests' }
  | { name: 'official' };

/** More views than anybody goes back through. */
const deepest = 30;

/** Language, looks and which view is in front. */
export class Ui {
  locale = $state<ReadingLocale>('en');
  private stack = $state.raw<readonly View[]>([{ name: 'home' }]);
  /** The words on the screen, always those of `locale`. Set before anything is shown. */
  t = $state.raw({} as Catalogue);
  /** Those of what is loaded later; set once `loadLate` is done. */
  late = $state.raw({} as LateCatalogue);
  readonly view = $derived(this.stack[this.stack.length - 1] as View);
  readonly canGoBack = $derived(this.stack.length > 1);
  /** What was filled in before a chat; kept while one looks at something else. */
  scenario = $state<ScenarioKey | ''>('');
  prepared: Record<string, string> = {};
  replyEmail = '';
  private lateOf: ReadingLocale | undefined;
  private look: Look = { theme: 'system', color: '', radius: '', font: '' };

  constructor(private readonly root: HTMLElement) {}

  go(view: View): void {
    if (view.name === 'official' && this.view.name === 'official') return;
    this.stack = [...this.stack.slice(-deepest), view];
  }
  /** A step that one should not come back to: the form that led to the chat. */
  replace(view: View): void {
    this.stack = [...this.stack.slice(0, -1), view];
  }
  back(): void {
    if (this.stack.length > 1) this.stack = this.stack.slice(0, -1);
  }
  home(): void {
    this.stack = [{ name: 'home' }];
  }
  /** Straight to a view that somebody else asked for: one step away from the beginning, however often. */
  jump(view: View): void {
    this.stack = [{ name: 'home' }, view];
  }
  chat(conversation: string, o: Partial<Omit<Chat, 'name' | 'conversation'>> = {}): Chat {
    return {
      name: 'chat',
      conversation,
      scenario: '',
      draft: '',
      prepared: {},
      mode: 'live',
      replyEmail: '',
      ...o,
    };
  }
  /** What was filled in has become a conversation. */
  begun(): void {
    this.scenario = '';
    this.prepared = {};
    this.replyEmail = '';
  }

  /** Rejects, and changes nothing, when the words cannot be loaded. */
  async setLocale(locale: ReadingLocale): Promise<void> {
    const { words, dir } = languageOf(locale);
    this.t = await words();
    this.locale = locale;
    this.root.lang = locale;
    this.root.dir = dir ?? 'ltr';
    if (this.lateOf) await this.loadLate();
  }
  async loadLate(): Promise<void> {
    const { locale } = this;
    if (this.lateOf === locale) return;
    [this.late] = await Promise.all([languageOf(locale).late(), sheet(lateSheet)]);
    this.lateOf = locale;
  }
  get looks(): Look {
    return this.look;
  }
  setLook(look: Look): void {
    const { theme, color, radius, font } = look;
    this.look = { theme, color, radius, font };
    void this.paint();
  }
  /** Again when the system changes between light and dark. */
  async paint(): Promise<void> {
    const { theme, color, radius, font } = this.look;
    if (theme === 'system') this.root.removeAttribute('data-theme');
    else this.root.setAttribute('data-theme', theme);
    if (!color && !radius && !font) return;
    const { lookTokens } = await import('./accent');
    const systemDark = window.matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = theme === 'dark' || (theme === 'system' && systemDark);
    for (const [token, value] of Object.entries(lookTokens(this.look, dark ? 'dark' : 'light'))) {
      this.root.style.setProperty(token, value);
    }
  }
}
