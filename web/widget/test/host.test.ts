// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appHost, type VerideskApp } from '../src/bridge';
import { PageHost, tokenPatience, type HostEvents } from '../src/host';

const origin = 'https://www.meridian.example';
const events = () => ({
  onOpen: vi.fn(),
  onClose: vi.fn(),
  onBoot: vi.fn(),
  onIdentify: vi.fn(),
  onLogout: vi.fn(),
});
let heard: ReturnType<typeof events>;
const silent = () => Object.values(heard).every((f) => f.mock.calls.length === 0);

beforeEach(() => {
  heard = events();
});
afterEach(() => vi.useRealTimers());

describe('PageHost', () => {
  const parent = { postMessage: vi.fn() };
  let listen: (e: { origin: string; source: unknown; data: unknown }) => void = () => undefined;
  const self = { parent, addEventListener: (_: string, f: typeof listen) => (listen = f) };
  const make = () => new PageHost(self as unknown as Window, origin, heard as HostEvents);
  const say = (data: unknown, from = origin, source: unknown = parent) =>
    listen({ origin: from, source, data });
  beforeEach(() => parent.postMessage.mockClear());

  it('hears its own page', () => {
    make();
    say({ veridesk: 1, type: 'open', scenario: 'appeal', text: 'hi' });
    expect(heard.onOpen.mock.calls[0]![0]).toMatchObject({ scenario: 'appeal', text: 'hi' });
  });

  it('ignores other origins, other windows, other protocols and every shape that is none', () => {
    make();
    const open = { veridesk: 1, type: 'open', scenario: 'appeal' };
    say(open, 'https://www.meridian.example.evil.example');
    say(open, 'http://www.meridian.example');
    say(open, 'null');
    say(open, origin, self);
    say(open, origin, null);
    for (const data of [
      null,
      undefined,
      5,
      'open',
      [open],
      Symbol.iterator,
      new Map([['veridesk', 1]]),
      { veridesk: '1', type: 'open' },
      { veridesk: 1, type: 'eval' },
      { veridesk: 1, type: '__proto__' },
      { veridesk: 1, type: 'constructor' },
      { veridesk: 1, type: { toString: () => 'open' } },
      JSON.parse('{"__proto__":{"veridesk":1,"type":"x"},"veridesk":2}'),
    ])
      say(data);
    expect(silent()).toBe(true);
  });

  it('takes from a message only what is exactly as expected', () => {
    make();
    say({ veridesk: 1, type: 'open', scenario: 'x'.repeat(1_000_000), text: { a: 1 }, article: 'a/../../b' });
    expect(heard.onOpen.mock.calls[0]![0]).toEqual({
      scenario: '',
      text: '',
      article: '',
      conversation: '',
      write: false,
    });
    say({ veridesk: 1, type: 'boot', color: 'red;}', theme: 'x', radius: 99, locale: 7 });
    expect(heard.onBoot.mock.calls[0]).toEqual([{ theme: 'system', color: '', radius: '', font: '' }, '']);
  });

  it('speaks only to that origin, and to nobody when it is not framed', () => {
    make().tell('unread', { count: 2 });
    expect(parent.postMessage).toHaveBeenCalledWith({ veridesk: 1, type: 'unread', count: 2 }, origin);
    const alone = new PageHost({ ...self, parent: self } as unknown as Window, '', heard as HostEvents);
    alone.tell('unread', { count: 2 });
    expect(parent.postMessage).toHaveBeenCalledTimes(1);
    expect([alone.closes, alone.alone]).toEqual([false, true]);
  });

  it('gets the exchange’s token by question and answer', async () => {
    const token = make().token();
    const { id } = parent.postMessage.mock.calls[0]![0] as { id: number };
    say({ veridesk: 1, type: 'token', id: id + 1, token: 'another question’s' });
    say({ veridesk: 1, type: 'token', id, token: ' jwt ' });
    say({ veridesk: 1, type: 'token', id, token: 'twice' });
    expect(await token).toBe('jwt');
  });

  it('does not wait for a token for ever, nor take one that is none', async () => {
    vi.useFakeTimers();
    const host = make();
    for (const answer of [null, 5, {}, 'x'.repeat(10_000)]) {
      const token = host.token();
      const { id } = parent.postMessage.mock.lastCall![0] as { id: number };
      say({ veridesk: 1, type: 'token', id, token: answer });
      await expect(token).rejects.toThrow();
    }
    const late = expect(host.token()).rejects.toThrow();
    vi.advanceTimersByTime(tokenPatience);
    await late;
  });
});

describe('the bridge of a native app', () => {
  const properties = new Map<string, string>();
  const style = { setProperty: (name: string, value: string) => properties.set(name, value) };
  const speak = vi.fn();
  const make = (native: object) => {
    const page = { document: { documentElement: { style } }, navigator: {}, ...native } as never;
    const host = appHost(page, heard as HostEvents, speak);
    return { host, app: (page as { VerideskApp: VerideskApp }).VerideskApp };
  };

  it.each([
    [
      'WKWebView',
      (post: (m: unknown) => void) => ({ webkit: { messageHandlers: { veridesk: { postMessage: post } } } }),
    ],
    ['Android and Flutter', (post: (m: unknown) => void) => ({ VerideskNative: { postMessage: post } })],
    ['React Native', (post: (m: unknown) => void) => ({ ReactNativeWebView: { postMessage: post } })],
  ])('tells the app through %s', (_, native) => {
    const post = vi.fn();
    const { host } = make(native(post));
    host.tell('unread', { count: 3 });
    const said: unknown = post.mock.calls[0]![0];
    expect(typeof said === 'string' ? JSON.parse(said) : said).toEqual({
      veridesk: 1,
      type: 'unread',
      count: 3,
    });
    expect(host.closes).toBe(true);
  });

  it('calls Android’s method on the object it belongs to', () => {
    class Native {
      said = '';
      postMessage(m: string) {
        this.said = m;
      }
    }
    const VerideskNative = new Native();
    make({ VerideskNative }).host.tell('close');
    expect(VerideskNative.said).toContain('close');
  });

  it('tells nobody in an ordinary browser, and has no button to close it', async () => {
    const { host } = make({});
    host.tell('close');
    expect(host.closes).toBe(false);
    expect(await host.token()).toBe('');
  });

  it('signs in with a token that was handed over once, and asks for the next', async () => {
    const post = vi.fn();
    const { host, app } = make({ ReactNativeWebView: { postMessage: post } });
    app.identify({ token: 'first' });
    expect(heard.onIdentify).toHaveBeenCalled();
    expect(await host.token()).toBe('first');
    const next = host.token();
    const { id, type } = JSON.parse(post.mock.lastCall![0] as string) as { id: number; type: string };
    expect(type).toBe('token');
    app.token(id, 'second');
    expect(await next).toBe('second');
  });

  it('takes theme, language, safe areas and deep links, checked like any other word from outside', () => {
    const { app } = make({});
    app.setTheme({ theme: 'dark', color: '#112233' });
    expect(heard.onBoot.mock.calls[0]![0]).toMatchObject({ theme: 'dark', color: '#112233' });
    app.setLocale('zh-Hant-TW');
    expect(speak).toHaveBeenCalledWith('zh-TW');
    app.setSafeArea({ top: 24, bottom: 1e9, left: NaN });
    expect([
      properties.get('--safe-top'),
      properties.get('--safe-bottom'),
      properties.get('--safe-left'),
    ]).toEqual(['24px', '200px', '0px']);
    app.open({ article: 'deposits/late' });
    expect(heard.onOpen.mock.lastCall![0]).toMatchObject({ article: 'deposits/late' });
    app.open(undefined);
    app.setTheme(null as never);
    app.setVisible(false);
    expect(heard.onClose).toHaveBeenCalled();
  });
});
