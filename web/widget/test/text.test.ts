// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { adviceOf } from '../src/advice';
import { byHash, highlight, pieces } from '../src/text';

describe('byHash', () => {
  it('sets a transaction id apart and leaves words alone', () => {
    const id = '4f2a8c1e9b7d3f60a5e8c2b1d4f7a9e0';
    expect(byHash(`Here it is: ${id}, thank you`)).toEqual(['Here it is: ', id, ', thank you']);
    expect(byHash('交易哈希：没有')).toHaveLength(1);
  });
});

describe('highlight', () => {
  it('counts characters as people do, not UTF-16 units', () => {
    expect(highlight('💰提现失败', [[1, 3]])).toEqual([
      { text: '💰', hit: false },
      { text: '提现', hit: true },
      { text: '失败', hit: false },
    ]);
  });
  it('survives spans that overlap, are out of order or beyond the end', () => {
    const parts = highlight('abcdef', [
      [4, 99],
      [1, 3],
      [2, 4],
    ]);
    expect(parts.map((p) => p.text).join('')).toBe('abcdef');
    expect(parts.filter((p) => p.hit).map((p) => p.text)).toEqual(['bc', 'd', 'ef']);
  });
});

describe('pieces', () => {
  it('makes links clickable without the full stop after them', () => {
    expect(pieces('See https://a.example/x, then https://b.example/y。好')).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'link', text: 'https://a.example/x', href: 'https://a.example/x' },
      { kind: 'text', text: ', then ' },
      { kind: 'link', text: 'https://b.example/y', href: 'https://b.example/y' },
      { kind: 'text', text: '。好' },
    ]);
  });
  it('knows bold, code and named links', () => {
    expect(pieces('**Do not** use `0x1` [here](https://a.example)').map((p) => p.kind)).toEqual([
      'bold',
      'text',
      'code',
      'text',
      'link',
    ]);
  });
  it.each([
    'javascript:alert(1)',
    '[x](javascript:alert(1))',
    '<img src=x onerror=alert(1)>',
    'data:text/html,x',
  ])('never makes a link or an element of %s', (evil) => {
    expect(pieces(evil).every((p) => p.kind === 'text')).toBe(true);
    expect(
      pieces(evil)
        .map((p) => p.text)
        .join(''),
    ).toBe(evil);
  });
});

describe('adviceOf', () => {
  it.each([
    ['bip39', 'guardPhrase'],
    ['bip39_probable', 'guardPhrase'],
    ['electrum_seed', 'guardPhrase'],
    ['monero_seed', 'guardPhrase'],
    ['ton_seed', 'guardPhrase'],
    ['wif', 'guardKey'],
    ['extended_key', 'guardKey'],
    ['keystore', 'guardKey'],
    ['pem_key', 'guardKey'],
    ['hex_key', 'guardKey'],
    ['password', 'guardPassword'],
    ['otp', 'guardCode'],
    ['totp_seed', 'guardCode'],
    ['api_secret', 'guardApi'],
    ['card', 'guardCard'],
    ['cn_id', 'guardCard'],
  ])('tells the customer what to do about %s', (kind, advice) => {
    expect(adviceOf([{ kind }, { kind }])).toEqual([advice]);
  });
});
