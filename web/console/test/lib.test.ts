import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { zhCN } from '../src/i18n/zh-CN';
import { Drafts, type Box } from '../src/lib/drafts';
import { pieces } from '../src/lib/excerpt';
import { brief, initials } from '../src/lib/format';
import { filter } from '../src/lib/fuzzy';
import { Seen } from '../src/lib/notify';
import { asPublication, endpoints, userId, viewersOf } from '../src/lib/realtime.svelte';
import { match } from '../src/lib/router.svelte';
import { looksLikeNumber } from '../src/lib/search.svelte';
import { KeyReader, sequenceWindow } from '../src/lib/shortcuts';
import { fromBase64url, toBase64url } from '../src/lib/webauthn';
import { box, press } from './make';

describe('drafts', () => {
  it('survive switching, reloading and the other mode', () => {
    const storage = box();
    const drafts = new Drafts(storage, '11');
    drafts.write('1', 'reply', 'dear customer');
    drafts.write('1', 'note', 'between us');
    drafts.write('2', 'reply', 'other');
    const later = new Drafts(storage, '11');
    expect([later.read('1', 'reply'), later.read('1', 'note'), later.read('2', 'reply')]).toEqual([
      'dear customer',
      'between us',
      'other',
    ]);
    expect(new Drafts(storage, '12').read('1', 'reply')).toBe('');
  });

  it('are kept in memory, and say so, when the browser refuses storage', () => {
    const refusing: Box = {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => undefined,
    };
    const drafts = new Drafts(refusing, '11');
    expect(drafts.write('1', 'reply', 'words')).toBe(false);
    expect(drafts.read('1', 'reply')).toBe('words');
  });

  it('words that come back do not overwrite what was typed since', () => {
    const drafts = new Drafts(box(), '11');
    drafts.write('1', 'reply', 'second');
    drafts.restore('1', 'reply', 'first');
    expect(drafts.read('1', 'reply')).toBe('first\n\nsecond');
  });
});

describe('keys', () => {
  it('single keys act outside inputs only, and never while an input method composes', () => {
    const keys = new KeyReader();
    expect(keys.press(press('e'), 0)).toBe('resolve');
    expect(keys.press(press('e', { typing: true }), 1)).toBeNull();
    expect(keys.press(press('e', { isComposing: true }), 2)).toBeNull();
    expect(keys.press(press('r', { ctrlKey: true }), 3)).toBeNull();
    expect(keys.press(press('k', { metaKey: true, typing: true }), 4)).toBe('palette');
  });

  it('g then u goes to unassigned; u alone, or too late, marks unread', () => {
    const keys = new KeyReader();
    keys.press(press('g'), 0);
    expect(keys.press(press('u'), 200)).toBe('go-unassigned');
    expect(keys.press(press('u'), 300)).toBe('unread');
    keys.press(press('g'), 1000);
    expect(keys.press(press('u'), 1001 + sequenceWindow)).toBe('unread');
  });

  it('Enter on a button presses the button', () => {
    expect(new KeyReader().press(press('Enter', { onControl: true }), 0)).toBeNull();
    expect(new KeyReader().press(press('Enter'), 0)).toBe('open');
  });
});

describe('catalogues', () => {
  const paths = (value: object, at = ''): string[] =>
    Object.entries(value).flatMap(([k, v]) =>
      typeof v === 'object' && v !== null && !Array.isArray(v)
        ? paths(v as object, `${at}${k}.`)
        : [`${at}${k}`],
    );

  it('have the same entries in both languages, none empty', () => {
    expect(paths(zhCN).sort()).toEqual(paths(en).sort());
    const empty = (v: unknown): boolean =>
      typeof v === 'object' && v !== null ? Object.values(v).some(empty) : v === '';
    expect(empty(en) || empty(zhCN)).toBe(false);
  });

  it('Chinese sentences use Chinese punctuation', () => {
    const strings = (v: unknown): string[] =>
      typeof v === 'string'
        ? [v]
        : typeof v === 'object' && v !== null
          ? Object.values(v).flatMap(strings)
          : [];
    expect(strings(zhCN).filter((s) => /[\u4e00-\u9fff][,;:?!]/.test(s))).toEqual([]);
  });
});

describe('small things', () => {
  it('routes', () => {
    expect(match('/inbox/mine/90', '?team=2')).toMatchObject({
      name: 'inbox',
      params: { view: 'mine', id: '90' },
    });
    expect(match('/setup/a%2Fb').params['token']).toBe('a/b');
    expect(match('/nowhere/at/all').name).toBe('not-found');
  });

  it('highlights by code points, so that emoji and rare characters do not shift the mark', () => {
    expect(pieces('\u{1f600}\u{20bb7}BTC', [[2, 5]])).toEqual([
      { text: '\u{1f600}\u{20bb7}', hit: false },
      { text: 'BTC', hit: true },
    ]);
    expect(
      pieces('abc', [
        [5, 9],
        [1, 1],
      ]),
    ).toEqual([{ text: 'abc', hit: false }]);
  });

  it('recognises case numbers', () => {
    expect(['VD-1042', 'vd1042', '#1042', '1042'].every(looksLikeNumber)).toBe(true);
    expect(['hello', '0.42 BTC', 'VD-'].some(looksLikeNumber)).toBe(false);
  });

  it('passkey bytes survive the way to JSON and back', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
    const words = toBase64url(bytes.buffer);
    expect(words).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(new Uint8Array(fromBase64url(words))).toEqual(bytes);
  });

  it('finds commands by the start of their words', () => {
    expect(filter('pu', ['Status: Open', 'Priority: Urgent', 'Copy link'], (x) => x)[0]).toBe(
      'Priority: Urgent',
    );
    expect(filter('zzz', ['a'], (x) => x)).toEqual([]);
  });

  it('announces a message once', () => {
    const seen = new Seen(2);
    expect([seen.first('a'), seen.first('a'), seen.first('b'), seen.first('c'), seen.first('a')]).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it('takes the realtime server at its word only as far as the contract goes', () => {
    expect(asPublication({ type: 'typing' })).not.toBeNull();
    expect([asPublication(null), asPublication('x'), asPublication({ type: 'eval' })]).toEqual([
      null,
      null,
      null,
    ]);
    expect(userId('agent:12')).toBe('12');
    const clients = ['agent:11', 'agent:12', '12'].map((user, i) => ({
      user,
      client: String(i),
      connInfo: { name: 'Diego' },
      chanInfo: undefined,
    }));
    expect(viewersOf(clients, '11')).toEqual([{ id: '12', name: 'Diego' }]);
    expect(endpoints('https://desk.example').transports[0]).toEqual({
      transport: 'websocket',
      endpoint: 'wss://desk.example/realtime/websocket',
    });
  });

  it('names and times are short', () => {
    expect([initials('Olivia Bennett'), initials('\u9648\u6653\u96ef'), initials(' ')]).toEqual([
      'OB',
      '\u96ef',
      '',
    ]);
    const now = new Date(2026, 10, 22, 15, 0);
    expect(brief(new Date(2026, 10, 22, 9, 5).getTime() * 1000, 'en', now)).toMatch(/^9:05\sAM$/);
    expect(brief(new Date(2026, 10, 22, 9, 5).getTime() * 1000, 'zh-CN', now)).toBe('09:05');
    expect(brief(new Date(2026, 10, 20, 9, 5).getTime() * 1000, 'en', now)).toBe('Fri');
  });
});
