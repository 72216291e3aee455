// What people read on the screens: the tests find things by it, as people do.
import type { Locale, ReadingLocale } from '../../sdk';
import { en as consoleEn, type Catalogue as ConsoleWords } from '../../console/src/i18n/en';
import { zhCN as consoleZh } from '../../console/src/i18n/zh-CN';
import { en as helpEn, type HelpCatalogue as HelpWords } from '../../console/src/help/i18n/en';
import { zhCN as helpZh } from '../../console/src/help/i18n/zh-CN';
import { en as widgetEn, type Catalogue as WidgetWords } from '../../widget/src/i18n/en';
import { lateEn, type LateCatalogue } from '../../widget/src/i18n/late_en';
import { lateZhCN } from '../../widget/src/i18n/late_zh_cn';
import { lateZhTW } from '../../widget/src/i18n/late_zh_tw';
import { zhCN as widgetZh } from '../../widget/src/i18n/zh_cn';
import { zhTW as widgetTw } from '../../widget/src/i18n/zh_tw';

export type { Locale, ReadingLocale };
export const locales: readonly Locale[] = ['en', 'zh-CN'];
export const widgetWords: Readonly<Record<ReadingLocale, WidgetWords>> = {
  en: widgetEn,
  'zh-CN': widgetZh,
  'zh-TW': widgetTw,
};
/** Of what the widget loads later. */
export const lateWords: Readonly<Record<ReadingLocale, LateCatalogue>> = {
  en: lateEn,
  'zh-CN': lateZhCN,
  'zh-TW': lateZhTW,
};
export const consoleWords: Readonly<Record<Locale, ConsoleWords>> = { en: consoleEn, 'zh-CN': consoleZh };
export const helpWords: Readonly<Record<Locale, HelpWords>> = { en: helpEn, 'zh-CN': helpZh };

/** What the loader and the site say themselves. */
export const outside = {
  en: {
    contact: 'Contact us',
    close: 'Close support',
    unread: 'unread',
    help: 'Help Center',
    query: 'deposit',
  },
  'zh-CN': { contact: '在线客服', close: '关闭客服', unread: '条未读', help: '帮助中心', query: '充值' },
  'zh-TW': { contact: '線上客服', close: '關閉客服', unread: '則未讀', help: '說明中心', query: '充值' },
} as const;
