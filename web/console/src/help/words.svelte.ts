import type { Locale } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { en, type HelpCatalogue } from './i18n/en';
import { zhCN } from './i18n/zh-CN';

export type { HelpCatalogue };

const catalogues: Readonly<Record<Locale, HelpCatalogue>> = { en, 'zh-CN': zhCN };

/** The words of the editors, in the agent's language. Beside the console's own, so that the inbox need not load them. */
export const words = {
  get t(): HelpCatalogue {
    return catalogues[i18n.locale];
  },
};
