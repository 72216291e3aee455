import type { Locale, ScenarioKey, Theme } from '../../sdk';
import { loadCatalogue, type Catalogue } from './i18n';

export type View =
  | { name: 'home' }
  | { name: 'article'; category: string; slug: string }
  | { name: 'prepare' }
  /** Without a conversation: a new one, opened by the first message. */
  | { name: 'chat'; conversation: string; scenario: ScenarioKey | ''; uid: string; draft: string }
  | { name: 'official' };

/** Language, theme and which view is in front. */
export class Ui {
  locale = $state<Locale>('en');
  private stack = $state<View[]>([{ name: 'home' }]);
  /** The words on the screen, always those of `locale`. Set before anything is shown. */
  t = $state.raw({} as Catalogue);
  readonly view = $derived(this.stack[this.stack.length - 1] as View);
  readonly canGoBack = $derived(this.stack.length > 1);
  private theme: Theme = 'system';
  private color = '';

  constructor(private readonly root: HTMLElement) {}

  go(view: View): void {
    if (view.name !== 'official' || this.view.name !== 'official') this.stack.push(view);
  }
  /** A step that one should not come back to: the form that led to the chat. */
  replace(view: View): void {
    this.stack[this.stack.length - 1] = view;
  }
  back(): void {
    if (this.stack.length > 1) this.stack.pop();
  }
  home(): void {
    this.stack = [{ name: 'home' }];
  }
  chat(conversation: string, o: { scenario?: ScenarioKey | ''; uid?: string; draft?: string } = {}): View {
    return { name: 'chat', conversation, scenario: o.scenario ?? '', uid: o.uid ?? '', draft: o.draft ?? '' };
  }

  /** Rejects, and changes nothing, when the words cannot be loaded. */
  async setLocale(locale: Locale): Promise<void> {
    this.t = await loadCatalogue(locale);
    this.locale = locale;
    this.root.lang = locale;
  }
  setTheme(theme: Theme, color: string): void {
    this.theme = theme;
    this.color = color;
    void this.paint();
  }
  /** Again when the system changes between light and dark. */
  async paint(): Promise<void> {
    if (this.theme === 'system') this.root.removeAttribute('data-theme');
    else this.root.setAttribute('data-theme', this.theme);
    const systemDark = window.matchMedia('(prefers-color-scheme: dark)').matches;
    const dark = this.theme === 'dark' || (this.theme === 'system' && systemDark);
    if (!this.color) return;
    const { accentTokens } = await import('./accent');
    for (const [token, value] of Object.entries(accentTokens(this.color, dark ? 'dark' : 'light'))) {
      this.root.style.setProperty(token, value);
    }
  }
}
