// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { dayOf, languages, nearestLocale, shortWhen, soonOf } from '../src/i18n';
import { en } from '../src/i18n/en';
import { lateEn } from '../src/i18n/late_en';
import { lateZhCN } from '../src/i18n/late_zh_cn';
import { lateZhTW } from '../src/i18n/late_zh_tw';
import { zhCN } from '../src/i18n/zh_cn';
import { zhTW } from '../src/i18n/zh_tw';

const said = (v: unknown): string =>
  typeof v === 'function'
    ? String(v('§', '§'))
    : typeof v === 'object' && v !== null
      ? Object.values(v).map(said).join(' ')
      : String(v);

type Words = Record<string, unknown>;
const all: [name: string, words: Words, english: Words][] = [
  ['zh-CN', zhCN, en],
  ['zh-TW', zhTW, en],
  ['zh-CN, later', lateZhCN, lateEn],
  ['zh-TW, later', lateZhTW, lateEn],
];

describe('catalogues', () => {
  it.each(all)('%s: leave no reader of Chinese with an English sentence', (_, words, english) => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    for (const key of Object.keys(english))
      expect(said(words[key]), key).toMatch(/\p{Script=Han}|^UID|^§|^\d/u);
  });
  it.each([en, lateEn])('leave no reader of English with a Chinese one', (words) => {
    for (const [key, word] of Object.entries(words)) expect(said(word), key).not.toMatch(/\p{Script=Han}/u);
  });
  it.each(all)('%s: keep what is filled in', (_, words, english) => {
    for (const [key, word] of Object.entries(english)) {
      if (typeof word !== 'function' || !said(word).includes('§')) continue;
      expect(said(words[key]), key).toContain('§');
    }
  });
  it('speak the Chinese of Taiwan there: its characters and its words', () => {
    const elsewhere =
      /[们这为书时说对开关请发邮账载网应问题]|軟件|信息|鏈接|賬戶|默認|視頻|郵箱|屏幕|登錄|設置|網絡/u;
    for (const [key, word] of Object.entries({ ...zhTW, ...lateZhTW }))
      expect(said(word), key).not.toMatch(elsewhere);
  });
  it('offer the same number of quick answers', () => {
    for (const words of [zhCN, zhTW]) expect(words.theftQuick).toHaveLength(en.theftQuick.length);
  });
  it('are found by every language that is offered', async () => {
    for (const { tag, words, late } of languages) {
      expect(nearestLocale(tag)).toBe(tag);
      expect((await words()).support).toBeTruthy();
      expect((await late()).officialTitle).toBeTruthy();
    }
  });
});

describe('dates', () => {
  const now = new Date(2026, 2, 10, 9, 0).getTime();
  const at = (...d: [number, number, number, number]) => new Date(...d).getTime() * 1000;
  it('are named by the reader’s calendar day, not by 24 hours', () => {
    expect(dayOf(at(2026, 2, 10, 0), 'en', en, now)).toBe('Today');
    expect(dayOf(at(2026, 2, 9, 23), 'zh-CN', zhCN, now)).toBe('昨天');
    expect(dayOf(at(2026, 2, 3, 12), 'en', en, now)).toBe('Tuesday, March 3');
    expect(dayOf(at(2025, 2, 3, 12), 'zh-CN', zhCN, now)).toContain('2025年3月3日');
  });
  it('are short in a list', () => {
    expect(shortWhen(at(2026, 2, 10, 8), 'en', now)).toMatch(/8:00/);
    expect(shortWhen(at(2026, 1, 1, 8), 'en', now)).toBe('Feb 1');
  });
  it('to come are named as one would say them', () => {
    expect(soonOf(at(2026, 2, 10, 14), 'en', en, now)).toMatch(/^today at 2:00/);
    expect(soonOf(at(2026, 2, 11, 9), 'zh-TW', zhTW, now)).toContain('明天 ');
    expect(soonOf(at(2026, 2, 16, 9), 'en', en, now)).toMatch(/^on Monday, March 16 at 9:00/);
  });
  it.each([
    ['zh', 'zh-CN'],
    ['zh-TW', 'zh-TW'],
    ['zh-Hant-HK', 'zh-TW'],
    ['zh-Hans-SG', 'zh-CN'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ])('are in the language nearest to %s', (tag, locale) => expect(nearestLocale(tag)).toBe(locale));
});
