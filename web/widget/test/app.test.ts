import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Conversation, type VisitorApi } from '../../sdk';
import { accepted, conversation, message, page } from '../../sdk/test/messages';
import type { App } from '../src/app';
import { Desk } from '../src/desk.svelte';
import { Help } from '../src/help.svelte';
import { Host } from '../src/host';

window.matchMedia = vi.fn().mockReturnValue({ matches: true, addEventListener: () => undefined });
Element.prototype.scrollTo = () => undefined;
const { Ui } = await import('../src/ui.svelte');
const { default: Root } = await import('../src/ui/App.svelte');

let api: Record<string, ReturnType<typeof vi.fn>>;
let app: App;
let root: object;
const parent = { postMessage: vi.fn() };

const start = async (list: Conversation[] = [], locale: 'en' | 'zh-CN' = 'en') => {
  let token = list.length ? 'tok' : '';
  api = {
    config: vi.fn(async () => ({
      brand: { name: 'Meridian', site_url: '', help_url: '', verify_url: '' },
      channels: [],
      scenarios: [{ key: 'locked_out', title: 'Locked out', hint: 'What the app says.' }],
      iron_rule: 'We never ask.',
    })),
    session: vi.fn(async () => ({ token: 'tok' })),
    conversations: vi.fn(async () => list),
    articles: vi.fn(async (_: string, q: string) => (q === 'zzz' ? [] : [hit])),
    messages: vi.fn(async () => page([message(1)], 1)),
    start: vi.fn(async (c: { client_id: string; body: string }) => {
      const a = accepted(c.client_id, 1);
      return { ...a, message: { ...a.message, body: c.body } };
    }),
    send: vi.fn(),
    read: vi.fn(async () => undefined),
    typing: vi.fn(async () => undefined),
  };
  const ui = new Ui(document.documentElement);
  await ui.setLocale(locale);
  const visitor = api as unknown as VisitorApi;
  const desk = new Desk({
    api: visitor,
    token: { get: () => token, set: (v) => (token = v) },
    count: { get: () => '', set: () => undefined },
    store: { load: () => [], save: () => undefined, remove: () => undefined },
    realtime: { url: 'https://s.example/realtime', fetch: () => new Promise(() => undefined) },
    locale: () => ui.locale,
    page: '',
  });
  const self = { parent, addEventListener: () => undefined } as unknown as Window;
  const host = new Host(self, 'https://meridian.example', {
    onOpen: () => undefined,
    onClose: () => undefined,
    onBoot: () => undefined,
  });
  const help = new Help(visitor, () => ui.locale);
  app = { ui, desk, help, host, speak: () => undefined };
  root = mount(Root, { target: document.body, props: { app } });
  await Promise.all([desk.begin(), help.search()]);
  desk.setVisible(true);
  await see();
};
const hit = {
  slug: 'a',
  category: 'c',
  title: 'Deposits',
  summary: '',
  excerpt: '',
  spans: [],
  url: '/en/a/c/a',
};
const see = async () => {
  for (let i = 0; i < 5; i++) await new Promise((done) => setTimeout(done));
  flushSync();
};
const text = () => document.body.textContent ?? '';
const click = async (selector: string) => {
  (document.querySelector(selector) as HTMLElement).click();
  await see();
};
const write = async (body: string) => {
  const area = document.querySelector('textarea') as HTMLTextAreaElement;
  area.value = body;
  area.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await see();
};

beforeEach(() => parent.postMessage.mockClear());
afterEach(async () => {
  await unmount(root);
  document.body.replaceChildren();
});

describe('the widget', () => {
  it.each(['en', 'zh-CN'] as const)('shows help first, and always the iron rule (%s)', async (locale) => {
    await start([], locale);
    expect(text()).toContain('Deposits');
    expect(text()).toContain('We never ask.');
    expect(api.session).not.toHaveBeenCalled();
  });

  it('takes a victim of theft straight to a person, with one tap to say what happened', async () => {
    await start();
    await click('.lane-theft');
    await click('.quick button');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({ scenario: 'suspected_theft' });
    expect(document.querySelectorAll('.bubble')).toHaveLength(1);
  });

  it('carries scenario and UID from the preparation into the first message', async () => {
    await start();
    await click('.lane');
    await click('.choice input');
    expect(text()).toContain('What the app says.');
    const uid = document.querySelector('.field input') as HTMLInputElement;
    uid.value = '88123';
    uid.dispatchEvent(new Event('input', { bubbles: true }));
    await click('.button-main');
    await write('I cannot get in');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({
      scenario: 'locked_out',
      body: 'I cannot get in\n\nUID: 88123',
    });
  });

  it('keeps what was searched for when nothing was found', async () => {
    await start();
    app.help.query = 'zzz';
    await app.help.search();
    await see();
    await click('.nothing .button');
    expect((document.querySelector('textarea') as HTMLTextAreaElement).value).toBe('zzz');
  });

  it('asks once for the messages of a thread that it shows', async () => {
    await start([conversation('7', 1)]);
    await click('section .list button');
    await see();
    expect(api['messages']).toHaveBeenCalledTimes(1);
  });

  it('offers to send a refused message again, and never shows it twice', async () => {
    await start([conversation('7', 1)]);
    await click('section .list button');
    api['send']!.mockRejectedValueOnce(new RequestError('permanent', 403, 'forbidden', 'Closed here.', 'r'));
    await write('hello');
    expect(text()).toContain('Closed here.');
    api['send']!.mockImplementation(async (_: string, m: { client_id: string }) => accepted(m.client_id, 2));
    await click('.bubble-problem button');
    expect(document.querySelectorAll('.bubble.unsent')).toHaveLength(0);
    expect(document.querySelectorAll('.mine .bubble')).toHaveLength(1);
    expect(api['send']!.mock.calls[0]![1].client_id).toBe(api['send']!.mock.calls[1]![1].client_id);
  });

  it('does not send while an input method is still composing', async () => {
    await start();
    await click('.lane-theft');
    const area = document.querySelector('textarea') as HTMLTextAreaElement;
    area.value = 'ni hao';
    area.dispatchEvent(new Event('input', { bubbles: true }));
    area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }));
    await see();
    expect(api['start']).not.toHaveBeenCalled();
  });

  it('closes with Escape, and speaks only to the origin it was given', async () => {
    await start();
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    expect(parent.postMessage).toHaveBeenLastCalledWith(
      { veridesk: 1, type: 'close' },
      'https://meridian.example',
    );
  });
});
