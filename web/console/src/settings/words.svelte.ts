import type { Locale } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { en, type SettingsCatalogue } from './i18n/en';
import { zhCN } from './i18n/zh-CN';

export type { SettingsCatalogue };

const catalogues: Readonly<Record<Locale, SettingsCatalogue>> = { en, 'zh-CN': zhCN };

/** The words of the settings that only few people open; the inbox need not load them. */
export const words = {
  get t(): SettingsCatalogue {
    return catalogues[i18n.locale];
  },
};
