import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  RequestError,
  type Conversation,
  type Message,
  type Request,
  type Upload,
  type VisitorApi,
} from '../../sdk';
import { accepted, conversation, message, page } from '../../sdk/test/messages';
import type { App } from '../src/app';
import { Desk } from '../src/desk.svelte';
import { Help } from '../src/help.svelte';
import type { Host } from '../src/host';

window.matchMedia = vi.fn().mockReturnValue({ matches: true, addEventListener: () => undefined });
Element.prototype.scrollTo = () => undefined;
URL.createObjectURL = () => 'blob:x';
URL.revokeObjectURL = () => undefined;
// Style sheets are there at once.
document.head.append = (...links) => links.forEach((l) => (l as HTMLLinkElement).onload?.(new Event('load')));
const { Ui } = await import('../src/ui.svelte');
const { default: Root } = await import('../src/ui/App.svelte');

type Call = { method: string; path: string; body: unknown };
let calls: Call[];
/** What the server answers to what is loaded later, by "METHOD path". */
let answers: Record<string, (body: unknown) => unknown>;
let api: Record<string, ReturnType<typeof vi.fn>>;
let app: App;
let root: object;
let messages: Message[];
let thread: Conversation;

const request = async (path: string, { method = 'GET', body }: { method?: string; body?: unknown } = {}) => {
  calls.push({ method, path, body });
  const known = Object.entries(answers).find(([k]) => `${method} ${path}`.startsWith(k));
  if (!known) throw new RequestError('permanent', 404, 'not_found', `${method} ${path}`, 'r');
  return known[1](body);
};

const start = async (c: Partial<Conversation> = {}, list: Message[] = [message(1)]) => {
  let token = 'tok';
  messages = list;
  thread = { ...conversation('7', list.length), ...c };
  api = {
    config: vi.fn(async () => ({
      brand: { name: 'Meridian', site_url: '', help_url: '', verify_url: '' },
      channels: [],
      scenarios: [],
      fields: [],
      iron_rule: 'We never ask.',
      max_file_bytes: 1_000,
    })),
    session: vi.fn(async () => ({ token: 'tok', contact: { id: '1', kind: 'visitor', email: '' } })),
    conversations: vi.fn(async () => [thread]),
    articles: vi.fn(async () => []),
    messages: vi.fn(async () => ({ ...page(messages, messages.length), conversation: thread })),
    send: vi.fn(async (_: string, m: { client_id: string }) => accepted(m.client_id, messages.length + 1)),
    read: vi.fn(async () => undefined),
    typing: vi.fn(async () => undefined),
    queue: vi.fn(async () => ({ state: 'none', position: 0, wait_low: 0, wait_high: 0, opens_at: 0 })),
  };
  const ui = new Ui(document.documentElement);
  await ui.setLocale('en');
  const visitor = { ...api, http: { request } } as unknown as VisitorApi;
  const desk = new Desk({
    api: visitor,
    token: { get: () => token, set: (v) => (token = v) },
    count: { get: () => '', set: () => undefined },
    store: { load: () => [], save: () => undefined, remove: () => undefined },
    realtime: { url: 'https://s.example/realtime', fetch: () => new Promise(() => undefined) },
    locale: () => ui.locale,
    page: '',
  });
  const host = { closes: true, alone: false, tell: vi.fn(), token: async () => '' } as unknown as Host;
  const help = new Help(visitor, () => ui.locale);
  app = { ui, desk, help, host, speak: () => undefined };
  root = mount(Root, { target: document.body, props: { app } });
  await desk.begin();
  desk.setVisible(true);
  ui.go(ui.chat('7'));
  await see();
};
const see = async () => {
  for (let i = 0; i < 12; i++) await new Promise((done) => setTimeout(done));
  flushSync();
};
/** Parts are loaded when they are needed. */
const until = (what: () => unknown) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 4_000 });
const $ = (selector: string) => document.querySelector<HTMLElement>(selector);
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const text = () => document.body.textContent ?? '';
const click = async (e: HTMLElement | null | undefined) => {
  e!.click();
  await see();
};
const button = (name: string) =>
  all('button').find((b) => (b.ariaLabel || b.textContent || '').trim() === name);
const open = async () => {
  await until(() => $('.place .tool'));
  await click($('.place .tool'));
  await until(() => $('.sheet'));
};
const choose = async (...files: File[]) => {
  const input = $('.attach input') as HTMLInputElement;
  Object.defineProperty(input, 'files', { value: files, configurable: true });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await see();
};
const send = async () => {
  $('form.composer')!.dispatchEvent(new SubmitEvent('submit', { cancelable: true, bubbles: true }));
  await see();
};
const upload = (over: Partial<Upload> = {}): Upload => ({
  id: 'u1',
  name: 'a.txt',
  size: 4,
  offset: 0,
  chunk: 1_000,
  state: 'uploading',
  ...over,
});

beforeEach(() => {
  calls = [];
  answers = {
    'POST /api/v1/visitor/uploads': () => upload(),
    'PATCH /api/v1/visitor/uploads/u1': () => upload({ offset: 4, state: 'ready' }),
    'DELETE /api/v1/visitor/uploads/u1': () => undefined,
  };
});
afterEach(async () => {
  await unmount(root);
  document.body.replaceChildren();
});

describe('files', () => {
  it('go up as soon as they are chosen, and with the message, once', async () => {
    await start();
    await choose(new File(['abcd'], 'a.txt'));
    await until(() => $('.tray-item[data-state=ready]'));
    await send();
    await until(() => api['send']!.mock.calls.length);
    expect(api['send']!.mock.calls[0]![1]).toMatchObject({ body: '', attachments: ['u1'] });
    expect(all('.tray-item')).toHaveLength(0);
  });

  it('that cannot be sent are refused in plain words before anything leaves', async () => {
    await start();
    await choose(new File([], 'empty.txt'), new File(['x'.repeat(1_001)], 'film.mov'));
    await until(() => text().includes('empty.txt is empty.'));
    expect(text()).toContain('film.mov is larger than 1 KB.');
    expect(calls).toEqual([]);
    await choose(...Array.from({ length: 11 }, (_, i) => new File(['abcd'], `${i}.txt`)));
    await until(() => text().includes('At most 10 files'));
    expect(all('.tray-item')).toHaveLength(10);
  });

  it('that the server refuses say why, and keep nobody from writing', async () => {
    answers['PATCH /api/v1/visitor/uploads/u1'] = () =>
      upload({ state: 'refused', problem: 'A virus was found.' });
    await start();
    await choose(new File(['abcd'], 'a.txt'));
    await until(() => text().includes('A virus was found.'));
    expect(($('.send') as HTMLButtonElement).disabled).toBe(true);
    await click($('.tray-remove'));
    expect(calls.some((c) => c.method === 'DELETE')).toBe(true);
  });

  it('can be pasted and dropped', async () => {
    await start();
    const paste = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(paste, { clipboardData: { files: [new File(['abcd'], 'image.png')], getData: () => '' } });
    $('textarea')!.dispatchEvent(paste);
    await until(() => all('.tray-item').length === 1);
    const data = { types: ['Files'], files: [new File(['abcd'], 'b.txt')] };
    const drag = (type: string) =>
      Object.assign(new Event(type, { bubbles: true, cancelable: true }), { dataTransfer: data });
    $('.chat')!.dispatchEvent(drag('dragover'));
    await see();
    expect($('.drop')).not.toBeNull();
    $('.chat')!.dispatchEvent(drag('drop'));
    await until(() => all('.tray-item').length === 2);
    expect($('.drop')).toBeNull();
  });

  it('of an agent are shown in place: pictures with their size kept, the rest with a warning when it may run', async () => {
    const picture = {
      id: 'p',
      name: 'p.png',
      mime: 'image/png',
      size: 9,
      width: 480,
      height: 320,
      url: '/f',
      preview_url: '/p',
    };
    const program = { id: 'x', name: 'x.html', mime: 'text/html', size: 9, active: true, url: '/x' };
    await start({}, [message(1, { attachments: [picture, program] })]);
    await until(() => $('.picture'));
    expect($('.picture')!.style.height).toBe('160px');
    expect($('.picture img')!.getAttribute('alt')).toBe('p.png, picture from Lin');
    expect($('.card')!.getAttribute('href')).toBe('/x');
    expect($('.card-warning')!.textContent).toContain('May run a program');
    await click($('.picture'));
    expect($('.viewer')!.getAttribute('aria-modal')).toBe('true');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Close');
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await see();
    expect($('.viewer')).toBeNull();
    // Only the viewer was closed, not the widget around it.
    expect(app.host.tell).not.toHaveBeenCalledWith('close');
  });
});

describe('the conversation’s menu', () => {
  it('ends the chat only after asking', async () => {
    answers['POST /api/v1/visitor/conversations/7/end'] = () => ({
      ...thread,
      status: 'resolved',
      ended_by: 'contact',
    });
    await start();
    await open();
    await click(button('End the chat'));
    expect(calls).toEqual([]);
    await click($('.button-danger'));
    await until(() => text().includes('This conversation is closed'));
    expect($('.sheet')).toBeNull();
  });

  it('leaves a message instead of waiting, with an address that is one, or none', async () => {
    answers['POST /api/v1/visitor/conversations/7/leave'] = () => undefined;
    await start();
    app.desk.thread('7').place = { state: 'waiting', position: 3, wait_low: 60, wait_high: 120, opens_at: 0 };
    await until(() => $('.place-leave'));
    await click($('.place-leave'));
    await until(() => $('.sheet input'));
    const input = $('.sheet input') as HTMLInputElement;
    input.value = 'nonsense';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    const form = $('.sheet form')!;
    form.dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
    await see();
    expect(text()).toContain('does not look like an e-mail address');
    input.value = 'a@b.example';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    form.dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
    await until(() => text().includes('We have your message.'));
    expect(calls.at(-1)?.body).toEqual({ reply_email: 'a@b.example' });
  });

  it('says what the server says when something does not work', async () => {
    answers['POST /api/v1/visitor/conversations/7/end'] = () => {
      throw new RequestError('retryable', 503, 'unavailable', 'We are restarting.', 'r');
    };
    await start();
    await open();
    await click(button('End the chat'));
    await click($('.button-danger'));
    await until(() => text().includes('We are restarting.'));
    expect($('.sheet')).not.toBeNull();
  });

  it('offers the transcript only when there is an answer in it', async () => {
    await start({}, [message(1, { author_kind: 'contact' })]);
    await open();
    expect(button('E-mail me the conversation')).toBeUndefined();
  });

  it('closes with Escape, and the widget stays open', async () => {
    await start();
    await open();
    $('.sheet button')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await see();
    expect($('.sheet')).toBeNull();
    expect(app.host.tell).not.toHaveBeenCalledWith('close');
  });
});

describe('the rating', () => {
  it('is a group of five radio buttons with words, sent with a comment, and can be changed', async () => {
    answers['POST /api/v1/visitor/conversations/7/rating'] = () => undefined;
    await start({ status: 'resolved' });
    await until(() => $('.star'));
    expect(all('.star input').map((i) => (i as HTMLInputElement).type)).toEqual(Array(5).fill('radio'));
    expect(all('.star').map((s) => s.textContent?.trim())).toEqual([
      'Very bad',
      'Bad',
      'So-so',
      'Good',
      'Very good',
    ]);
    await click(all('.star input')[3]);
    const comment = $('.rating textarea') as HTMLTextAreaElement;
    comment.value = 'Quick.';
    comment.dispatchEvent(new Event('input', { bubbles: true }));
    $('.rating form')!.dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
    await until(() => text().includes('You gave 4 of 5'));
    expect(calls.at(-1)?.body).toEqual({ score: 4, comment: 'Quick.' });
    await click(button('Change it'));
    expect(all('.star.on')).toHaveLength(4);
  });

  it('is not asked for when nobody answered', async () => {
    await start({ status: 'resolved' }, [message(1, { author_kind: 'contact' })]);
    await until(() => $('.rating'));
    expect($('.star')).toBeNull();
    expect(button('Start a new conversation')).toBeDefined();
  });
});

describe('my requests', () => {
  const request = (id: string, over: Partial<Request> = {}): Request => ({
    conversation: { ...conversation(id, 2), subject: `Matter ${id}` },
    stage: 'in_queue',
    awaiting: 'us',
    expected_low: 0,
    expected_high: 0,
    unread: 0,
    ...over,
  });
  const go = async (list: Request[], next?: string) => {
    answers['GET /api/v1/visitor/requests'] = () => ({ requests: list, ...(next && { next }) });
    await start();
    app.ui.go({ name: 'requests' });
    await until(() => $('.requests'));
    await see();
  };

  it('shows what is open before what is past, with stage and who owes an answer, and opens the thread', async () => {
    await go([
      request('9', { stage: 'resolved', awaiting: 'nobody' }),
      request('7', { stage: 'answered', awaiting: 'you', unread: 2 }),
    ]);
    await until(() => all('.request').length === 2);
    expect(all('.request b').map((b) => b.textContent)).toEqual(['Matter 7', 'Matter 9']);
    expect($('.stepper')!.ariaLabel ?? $('.stepper')!.getAttribute('aria-label')).toBe(
      'Stage: Answered (4 of 5)',
    );
    expect(text()).toContain('We wait for your answer');
    expect(text()).toContain('2 new answers');
    await click($('.request'));
    expect(app.ui.view).toMatchObject({ name: 'chat', conversation: '7' });
  });

  it('says so when there is nothing, and where to begin', async () => {
    await go([]);
    await until(() => text().includes('You have not written to us yet.'));
  });

  it('can be tried again when it fails', async () => {
    answers['GET /api/v1/visitor/requests'] = () => {
      throw new RequestError('offline', 0, '', 'no network', 'r');
    };
    await start();
    app.ui.go({ name: 'requests' });
    await until(() => text().includes('could not be loaded'));
    answers['GET /api/v1/visitor/requests'] = () => ({ requests: [request('7')] });
    await click(button('Try again'));
    await until(() => $('.request'));
  });

  it('forgets the list of one person when another signs in', async () => {
    await go([request('7')]);
    await until(() => $('.request'));
    answers['GET /api/v1/visitor/requests'] = () => ({ requests: [] });
    app.desk.forget();
    await until(() => !$('.request'));
  });
});

describe('a long conversation', () => {
  it('of 10,000 messages has only those near the end in the document', async () => {
    // They come page by page as one scrolls back; in the end they are all known.
    await start(
      {},
      Array.from({ length: 200 }, (_, i) => message(i + 9_801)),
    );
    await until(() => all('.rows > li').length < 150);
    app.desk.thread('7').messages = Array.from({ length: 10_000 }, (_, i) => message(i + 1));
    await see();
    expect(all('.rows > li').length).toBeLessThan(150);
    expect($('.rows')!.lastElementChild!.textContent).toContain('#10000');
    expect(parseInt($('.rows')!.style.paddingTop)).toBeGreaterThan(400_000);
  });
});
