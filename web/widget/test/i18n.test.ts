// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { dayOf, nearestLocale, shortWhen } from '../src/i18n';
import { en, type Catalogue } from '../src/i18n/en';
import { zhCN } from '../src/i18n/zh_cn';

const said = (v: unknown): string => (typeof v === 'function' ? String(v('§')) : String(v));

describe('catalogues', () => {
  const keys = Object.keys(en) as (keyof Catalogue)[];
  it('leave no reader of Chinese with an English sentence', () => {
    expect(Object.keys(zhCN).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(said(zhCN[key]), key).toMatch(/\p{Script=Han}|^UID|^§/u);
  });
  it('leave no reader of English with a Chinese one', () => {
    for (const key of keys) expect(said(en[key]), key).not.toMatch(/\p{Script=Han}/u);
  });
  it('keep what is filled in, in both languages', () => {
    for (const key of keys) {
      if (typeof en[key] !== 'function' || key === 'typing') continue;
      expect(said(en[key]), key).toContain('§');
      expect(said(zhCN[key]), key).toContain('§');
    }
  });
  it('offer the same number of quick answers', () => {
    expect(zhCN.theftQuick).toHaveLength(en.theftQuick.length);
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
  it.each([
    ['zh', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ])('are in the language nearest to %s', (tag, locale) => expect(nearestLocale(tag)).toBe(locale));
});
