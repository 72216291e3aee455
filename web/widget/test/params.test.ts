// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { accentTokens, contrast, lookTokens } from '../src/accent';
import { articleOfLink } from '../src/article_html';
import { asAim, asLook, readParams } from '../src/params';

const nowhere = { scenario: '', text: '', article: '', conversation: '', write: false };

describe('readParams', () => {
  it('takes what the loader says', () => {
    const p = readParams(
      '#origin=https%3A%2F%2Fmeridian.example&page=https%3A%2F%2Fmeridian.example%2Ftrade&locale=zh-CN&theme=dark&color=%23112233&scenario=suspected_theft',
      'en',
    );
    expect(p).toMatchObject({
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
      ...nowhere,
      origin: '',
      page: '',
      entity: '',
      radius: '',
      font: '',
      identify: false,
      logout: false,
      locale: 'zh-TW',
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

describe('what a page may say', () => {
  it('names an article, a conversation or a scenario, or nothing', () => {
    expect(asAim({ article: 'deposits/not-arrived' }).article).toBe('deposits/not-arrived');
    expect(asAim({ article: '充值/没有到账' }).article).toBe('充值/没有到账');
    expect(asAim({ conversation: '123' }).conversation).toBe('123');
    for (const article of ['../../console', 'a/b/c', 'a/<b>', 'a', `a/${'b'.repeat(500)}`, 5, {}, null])
      expect(asAim({ article })).toEqual(nowhere);
    for (const conversation of ['1/../2', '1 or 1=1', '9'.repeat(21), {}, 12])
      expect(asAim({ conversation })).toEqual(nowhere);
    expect(asAim(JSON.parse('{"__proto__":{"scenario":"appeal"}}'))).toEqual(nowhere);
    expect(asAim({ text: 'x '.repeat(10_000_000) }).text).toHaveLength(200);
  });
  it('chooses colours, roundness and fonts, and nothing that leaves the declaration', () => {
    const look = asLook({ theme: 'dark', color: '#112233', radius: 12, font: "'Noto Sans', Inter" });
    expect(look).toEqual({ theme: 'dark', color: '#112233', radius: '12', font: "'Noto Sans', Inter" });
    expect(lookTokens(look, 'dark')).toMatchObject({
      '--accent': '#112233',
      '--radius-md': '12px',
      '--font-sans': "'Noto Sans', Inter, system-ui, sans-serif",
    });
    for (const font of ['x;color:red', 'url(//evil.example)', 'var(--x)', 'a}b', 'a'.repeat(300)])
      expect(asLook({ font }).font).toBe('');
    for (const radius of [-1, 25, '1e9', '12px', NaN, {}]) expect(asLook({ radius }).radius).toBe('');
  });
});
