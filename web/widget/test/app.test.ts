import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Contact, type Conversation, type VisitorApi, type WidgetConfig } from '../../sdk';
import { accepted, conversation, message, page } from '../../sdk/test/messages';
import type { App } from '../src/app';
import { Desk } from '../src/desk.svelte';
import { Help } from '../src/help.svelte';
import { PageHost } from '../src/host';

window.matchMedia = vi.fn().mockReturnValue({ matches: true, addEventListener: () => undefined });
Element.prototype.scrollTo = () => undefined;
// jsdom loads no style sheets, and views that come later wait for theirs.
const append = document.head.append.bind(document.head);
document.head.append = (...nodes) => {
  append(...nodes);
  for (const node of nodes) (node as HTMLLinkElement).onload?.(new Event('load'));
};
const { Ui } = await import('../src/ui.svelte');
const { default: Root } = await import('../src/ui/App.svelte');

let api: Record<string, ReturnType<typeof vi.fn>>;
let app: App;
let root: object;
const parent = { postMessage: vi.fn() };

const uid = { key: 'uid', label: 'Account UID', where: 'Under Me' };
const start = async (
  list: Conversation[] = [],
  locale: 'en' | 'zh-CN' | 'zh-TW' = 'en',
  config: Partial<WidgetConfig> = {},
) => {
  let token = list.length ? 'tok' : '';
  api = {
    config: vi.fn(async () => ({
      brand: { name: 'Meridian', site_url: '', help_url: '', verify_url: '' },
      channels: [],
      scenarios: [
        { key: 'locked_out', title: 'Locked out', hint: 'What the app says.', fields: [uid] },
        { key: 'suspected_theft', title: 'Stolen', hint: '', fields: [uid] },
      ],
      fields: [uid],
      iron_rule: 'We never ask.',
      privacy_url: 'https://meridian.example/privacy',
      retention_days: 90,
      ...config,
    })),
    session: vi.fn(async () => ({ token: 'tok', contact: { id: '1', kind: 'visitor' } })),
    queue: vi.fn(async () => ({ state: 'none' })),
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
  const nothing = () => undefined;
  const host = new PageHost(self, 'https://meridian.example', {
    onOpen: nothing,
    onClose: nothing,
    onBoot: nothing,
    onIdentify: nothing,
    onLogout: nothing,
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
  // It may belong to what is loaded later.
  await vi.waitFor(() => expect(document.querySelector(selector), selector).not.toBeNull(), {
    timeout: 5_000,
  });
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
  it.each(['en', 'zh-CN', 'zh-TW'] as const)(
    'shows help first, and always the iron rule (%s)',
    async (locale) => {
      await start([], locale);
      expect(text()).toContain('Deposits');
      expect(text()).toContain('We never ask.');
      expect(api.session).not.toHaveBeenCalled();
    },
  );

  it('takes a victim of theft straight to a person, with one tap to say what happened', async () => {
    await start();
    await click('.lane-theft');
    await click('.quick button');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({ scenario: 'suspected_theft' });
    expect(document.querySelectorAll('.bubble')).toHaveLength(1);
  });

  const fill = (selector: string, value: string) => {
    const field = document.querySelector(selector) as HTMLInputElement;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };

  it('carries scenario and what was prepared into the first message, beside its text', async () => {
    await start();
    await click('.lane');
    await click('.choice input');
    expect(text()).toContain('What the app says.');
    expect(text()).toContain('Under Me');
    fill('[data-field=uid] input', ' 88123 ');
    await click('.button-main');
    await write('I cannot get in');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({
      scenario: 'locked_out',
      body: 'I cannot get in',
      prepared: { uid: '88123' },
    });
  });

  it('keeps what was prepared while one reads an article', async () => {
    await start();
    await click('.lane');
    await click('.choice input');
    fill('[data-field=uid] input', '88123');
    await click('.head .tool');
    await click('.lane');
    expect((document.querySelector('[data-field=uid] input') as HTMLInputElement).value).toBe('88123');
    expect((document.querySelector('.choice input') as HTMLInputElement).checked).toBe(true);
  });

  it('takes the UID of a signed-in customer from the exchange, not from the keyboard', async () => {
    await start();
    app.desk.contact = { uid: '7001', email: '' } as Contact;
    await click('.lane');
    const field = document.querySelector('[data-field=uid] input') as HTMLInputElement;
    expect([field.value, field.readOnly]).toEqual(['7001', true]);
    fill('[data-field=uid] input', '9999');
    await click('.button-main');
    await write('hello');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({ prepared: { uid: '7001' } });
  });

  it('asks a victim of theft for nothing, also when they come by the form', async () => {
    await start();
    await click('.lane');
    await click('[data-key=suspected_theft] input');
    expect(document.querySelector('[data-field]')).toBeNull();
    await click('.button-main');
    expect(document.querySelector('.quick')).not.toBeNull();
  });

  const chat = { kind: 'chat' as const, open: true, waiting: 0, wait_low: 0, wait_high: 0, opens_at: 0 };
  it('says before a chat how long it takes, and nothing that nobody knows', async () => {
    await start([], 'en', { channels: [{ ...chat, reason: '', waiting: 3, wait_low: 100, wait_high: 290 }] });
    await click('.lane');
    expect(text()).toContain('2 to 5 minutes');
    expect(text()).toContain('3 people are waiting');
    await unmount(root);
    document.body.replaceChildren();
    await start([], 'en', { channels: [{ ...chat, reason: '', waiting: 2 }] });
    await click('.lane');
    expect(text()).not.toMatch(/minutes/);
  });

  it('takes a message when it is closed: says why, until when, and asks where to answer', async () => {
    const opens = new Date(Date.now() + 86_400_000).setHours(9, 0, 0, 0) * 1000;
    const closed = { ...chat, open: false, reason: 'holiday' as const, holiday: 'New Year', opens_at: opens };
    await start([], 'en', { channels: [closed] });
    await click('.lane');
    expect(text()).toContain('closed today: New Year');
    expect(text()).toMatch(/tomorrow at 9:00/);
    fill('[data-field=email] input', 'a@b.example');
    await click('.button-main');
    await write('hello');
    expect(api['start']!.mock.calls[0]![0]).toMatchObject({ mode: 'message', reply_email: 'a@b.example' });
  });

  it('says before the first message what becomes of it', async () => {
    await start();
    await click('.lane-theft');
    expect(text()).toContain('90 days');
    expect(document.querySelector('.privacy a')?.getAttribute('href')).toBe(
      'https://meridian.example/privacy',
    );
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
