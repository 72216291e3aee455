// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { accentTokens, contrast } from '../src/accent';
import { articleOfLink } from '../src/article_html';
import { readParams } from '../src/params';

describe('readParams', () => {
  it('takes what the loader says', () => {
    const p = readParams(
      '#origin=https%3A%2F%2Fmeridian.example&page=https%3A%2F%2Fmeridian.example%2Ftrade&locale=zh-CN&theme=dark&color=%23112233&scenario=suspected_theft',
      'en',
    );
    expect(p).toEqual({
      origin: 'https://meridian.example',
      page: 'https://meridian.example/trade',
      locale: 'zh-CN',
      theme: 'dark',
      color: '#112233',
      scenario: 'suspected_theft',
      text: '',
    });
  });
  it.each(['*', 'null', 'https://a.example/path', 'a.example', 'javascript:1', ''])(
    'speaks to nobody when the origin is %s',
    (origin) => expect(readParams(`#${new URLSearchParams({ origin })}`, 'en').origin).toBe(''),
  );
  it('ignores everything that is not exactly as expected', () => {
    const p = readParams('#theme=x&color=red;x&scenario=__proto__&page=javascript:1', 'zh-TW');
    expect(p).toEqual({
      origin: '',
      page: '',
      locale: 'zh-CN',
      theme: 'system',
      color: '',
      scenario: '',
      text: '',
    });
    expect(readParams(`#text=${'%0A%20x'.repeat(200)}`, 'en').text).toBe('x '.repeat(100));
  });
});

describe('accentTokens', () => {
  it.each(['#0b5fd0', '#f0b90b', '#ffffff', '#000000', '#ff5500', '#7f7f7f', '#00ff88'])(
    'keeps text readable when the operator chooses %s',
    (color) => {
      for (const scheme of ['light', 'dark'] as const) {
        const t = accentTokens(color, scheme);
        expect(contrast(t['--accent']!, t['--accent-ink']!)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(t['--accent-text']!, t['--accent-soft']!)).toBeGreaterThanOrEqual(4.5);
        expect(
          contrast(t['--accent-text']!, scheme === 'light' ? '#ffffff' : '#171b21'),
        ).toBeGreaterThanOrEqual(4.5);
      }
    },
  );
});

describe('articleOfLink', () => {
  const own = ['https://help.example'];
  it('opens links between our own articles in place', () => {
    expect(articleOfLink('https://help.example/zh-CN/a/transfers/no%20show', own)).toEqual({
      category: 'transfers',
      slug: 'no show',
    });
  });
  it.each([
    'https://evil.example/en/a/x/y',
    'https://help.example/en/c/x',
    'mailto:a@b.example',
    'not a url',
  ])('leaves %s to the browser', (href) => expect(articleOfLink(href, own)).toBeUndefined());
});
