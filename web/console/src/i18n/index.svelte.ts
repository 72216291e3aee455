import type { Locale } from '../../../sdk';
import { en, type Catalogue } from './en';
import { zhCN } from './zh-CN';
import { recall, remember } from '../lib/storage';

export type { Catalogue };

const catalogues: Readonly<Record<Locale, Catalogue>> = { en, 'zh-CN': zhCN };
export const locales: readonly Locale[] = ['en', 'zh-CN'];

/** The supported language nearest to the wanted ones, best first. */
export function choose(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh') return 'zh-CN';
    if (language === 'en') return 'en';
  }
  return 'en';
}

class I18n {
  locale: Locale = $state(choose([recall('locale') ?? '', ...navigator.languages]));
  readonly t: Catalogue = $derived(catalogues[this.locale]);

  set(tag: string): void {
    this.locale = choose([tag]);
    remember('locale', this.locale);
    document.documentElement.lang = this.locale;
  }
}

export const i18n = new I18n();
