import { beforeEach, describe, expect, it, vi } from 'vitest';

type Veridesk = { (name: string, ...more: unknown[]): void; q?: unknown[] };
const page = window as unknown as { Veridesk?: Veridesk | undefined };
const veridesk = (name: string, ...more: unknown[]) => (page.Veridesk as Veridesk)(name, ...more);
const support = 'https://support.example';

// jsdom gives a frame within a shadow root no window.
const windows = new WeakMap<object, { postMessage: ReturnType<typeof vi.fn> }>();
Object.defineProperty(HTMLIFrameElement.prototype, 'contentWindow', {
  get(this: object) {
    if (!windows.has(this)) windows.set(this, { postMessage: vi.fn() });
    return windows.get(this);
  },
});
const hear = (data: unknown, origin: string, source: unknown) =>
  window.dispatchEvent(Object.assign(new Event('message'), { data, origin, source }));

const start = async (attributes = '') => {
  const parsed = new DOMParser().parseFromString(
    `<script src="${support}/widget/loader.js" ${attributes}></script>`,
    'text/html',
  );
  const script = document.importNode(parsed.querySelector('script') as HTMLScriptElement, true);
  script.type = 'text/plain';
  document.body.appendChild(script);
  vi.resetModules();
  await import('../loader');
  const root = [...document.body.querySelectorAll('div')]
    .map((d) => d.shadowRoot)
    .find(Boolean) as ShadowRoot;
  return {
    root,
    button: root.querySelector('button') as HTMLButtonElement,
    frame: () => root.querySelector('iframe'),
    badge: () => (root.querySelector('button span') as HTMLElement).style.display !== 'none',
    panel: root.querySelector('[role=dialog]') as HTMLElement,
    hear: (data: unknown, origin = support, source?: unknown) =>
      hear(
        typeof data === 'object' && data !== null && !Array.isArray(data) ? { veridesk: 1, ...data } : data,
        origin,
        source === undefined ? (root.querySelector('iframe')?.contentWindow ?? null) : source,
      ),
  };
};

beforeEach(() => {
  document.body.replaceChildren();
  page.Veridesk = undefined;
  window.matchMedia = vi.fn().mockReturnValue({ matches: false, addEventListener: () => undefined });
});

describe('loader', () => {
  it('takes the place of a queue that nobody has called yet, and loads only once', async () => {
    page.Veridesk = (() => undefined) as Veridesk;
    const { button } = await start();
    expect(button).toBeTruthy();
    await import('../loader');
    await expect(start()).resolves.toBeTruthy();
    expect([...document.body.querySelectorAll('div')].filter((d) => d.shadowRoot)).toHaveLength(1);
  });
  it('loads nothing but a button until it is pressed', async () => {
    const w = await start();
    expect(w.frame()).toBeNull();
    expect(w.button.getAttribute('aria-label')).toBe('Contact us');
    w.button.click();
    expect(w.frame()?.src).toMatch(/^https:\/\/support\.example\/widget\/index\.html#/);
    expect(w.button.getAttribute('aria-expanded')).toBe('true');
  });

  it('speaks the language and wears the colour of the script tag', async () => {
    const w = await start('data-locale="zh-CN" data-color="#f0b90b" data-position="left" data-theme="dark"');
    expect(w.button.getAttribute('aria-label')).toBe('在线客服');
    expect([w.button.style.left, w.button.style.right]).toEqual(['20px', 'auto']);
    w.button.click();
    const hash = new URLSearchParams(new URL(w.frame()!.src).hash.slice(1));
    expect(Object.fromEntries(hash)).toMatchObject({
      origin: location.origin,
      locale: 'zh-CN',
      theme: 'dark',
      color: '#f0b90b',
    });
  });

  it('does not pass the query of the page on: it may hold tokens', async () => {
    history.replaceState(null, '', '/trade?token=secret#x');
    const w = await start();
    w.button.click();
    expect(w.frame()!.src).not.toContain('secret');
  });

  it('closes with Escape and with the frame’s own button, and gives the focus back', async () => {
    const w = await start();
    for (const close of [
      () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })),
      () => w.hear({ type: 'close' }),
    ]) {
      w.button.click();
      expect(w.panel.style.display).toBe('block');
      close();
      expect(w.panel.style.display).toBe('none');
      expect(w.root.activeElement).toBe(w.button);
    }
  });

  it('keeps the conversation when it is closed and opened again', async () => {
    const w = await start();
    w.button.click();
    const first = w.frame();
    w.button.click();
    w.button.click();
    expect(w.frame()).toBe(first);
  });

  it('shows unread messages on the button, to the eye and to a screen reader', async () => {
    const w = await start();
    w.button.click();
    w.button.click();
    w.hear({ type: 'unread', count: 2 });
    expect(w.badge()).toBe(true);
    expect(w.button.getAttribute('aria-label')).toBe('Contact us (2 unread)');
  });

  it('hears only the frame of exactly our origin', async () => {
    const w = await start();
    w.button.click();
    w.button.click();
    w.hear({ type: 'unread', count: 2 }, 'https://support.example.evil.example');
    w.hear({ type: 'unread', count: 2 }, support, window);
    w.hear({ veridesk: 2, type: 'unread', count: 2 });
    expect(w.badge()).toBe(false);
  });

  it('obeys the page: open with a scenario, close, and what was asked before it was loaded', async () => {
    const queue: Veridesk = Object.assign(() => undefined, {
      q: [['open', { scenario: 'suspected_theft' }]],
    });
    page.Veridesk = queue;
    const w = await start();
    expect(w.frame()!.src).toContain('scenario=suspected_theft');
    veridesk('close');
    expect(w.panel.style.display).toBe('none');
  });

  it('offers another way when the frame does not come up', async () => {
    vi.useFakeTimers();
    const w = await start();
    w.button.click();
    vi.advanceTimersByTime(15_000);
    vi.useRealTimers();
    const link = w.root.querySelector('a') as HTMLAnchorElement;
    expect([w.frame(), link.style.display, link.href]).toEqual([null, 'block', `${support}/`]);
  });

  /** What the frame was told, and by which origin it had to be heard. */
  const spy = (w: Awaited<ReturnType<typeof start>>) => {
    const post = (w.frame()!.contentWindow as unknown as { postMessage: ReturnType<typeof vi.fn> })
      .postMessage;
    post.mockClear();
    return () => post.mock.calls.map(([data, to]) => [(data as { type: string }).type, data, to] as const);
  };
  const soon = () => new Promise((done) => setTimeout(done));

  it('keeps every call from before it was loaded, in order', async () => {
    page.Veridesk = Object.assign(() => undefined, {
      q: [
        ['boot', { position: 'left', zIndex: 7, hideButton: true }],
        ['identify', { token: 'jwt' }],
        ['newConversation', { scenario: 'appeal', text: 'hello' }],
      ],
    });
    const w = await start();
    const hash = new URLSearchParams(new URL(w.frame()!.src).hash.slice(1));
    expect(Object.fromEntries(hash)).toMatchObject({
      identify: '1',
      write: '1',
      scenario: 'appeal',
      text: 'hello',
    });
    expect(w.frame()!.src).not.toContain('jwt');
    expect([w.panel.style.left, w.button.style.display]).toEqual(['20px', 'none']);
    expect((w.root.host as HTMLElement).style.zIndex).toBe('7');
  });

  it('says once in the console that it does not know a command, also one that every object has', async () => {
    await start();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const name of ['opne', 'opne', '__proto__', 'constructor', 'toString']) veridesk(name);
    expect(warn).toHaveBeenCalledTimes(4);
    warn.mockRestore();
  });

  it('shows an article, and takes another one into the open frame', async () => {
    const w = await start();
    veridesk('showArticle', 'deposits/late');
    expect(new URLSearchParams(w.frame()!.src.split('#')[1]).get('article')).toBe('deposits/late');
    const said = spy(w);
    veridesk('showArticle', 'deposits/early');
    expect(said().pop()).toEqual(['open', { veridesk: 1, type: 'open', article: 'deposits/early' }, support]);
  });

  it('hands the token to the frame that asks, asking the page anew each time', async () => {
    const w = await start();
    let n = 0;
    veridesk('identify', { token: async () => ` jwt-${++n} ` });
    w.button.click();
    const said = spy(w);
    w.hear({ type: 'token', id: 4 });
    w.hear({ type: 'token', id: 5 });
    await soon();
    expect(said()).toEqual([
      ['token', { veridesk: 1, type: 'token', id: 4, token: 'jwt-1' }, support],
      ['token', { veridesk: 1, type: 'token', id: 5, token: 'jwt-2' }, support],
    ]);
  });

  it('tells nobody the token but the frame', async () => {
    const w = await start();
    const token = vi.fn(() => 'jwt');
    veridesk('identify', { token });
    w.button.click();
    w.hear({ type: 'token', id: 1 }, 'https://evil.example');
    w.hear({ type: 'token', id: 1 }, support, window);
    w.hear({ type: 'token', id: 1 }, support, null);
    await soon();
    expect(token).not.toHaveBeenCalled();
  });

  it('says that nobody is signed in, or that it could not be learnt: two different things', async () => {
    const w = await start();
    const errors: unknown[] = [];
    veridesk('on', 'error', (e: unknown) => errors.push(e));
    w.button.click();
    const said = spy(w);
    w.hear({ type: 'token', id: 1 });
    veridesk('identify', { token: () => Promise.reject(new Error('503')) });
    w.hear({ type: 'token', id: 2 });
    await soon();
    const answers = said().flatMap(([type, data]) =>
      type === 'token' ? [(data as { token: unknown }).token] : [],
    );
    expect(answers).toEqual(['', null]);
    expect(errors).toEqual([{ code: 'token', message: 'Error: 503' }]);
  });

  it('has what an earlier page left forgotten on logout, without opening anything', async () => {
    const w = await start();
    veridesk('logout');
    expect(w.frame()!.src).toContain('logout=1');
    expect(w.panel.style.display).toBe('none');
  });

  it('tells the page what happens, until it no longer wants to hear', async () => {
    const w = await start();
    const seen: unknown[] = [];
    const note = (name: string) => (detail: unknown) => seen.push([name, detail]);
    const unread = note('unread');
    for (const name of ['ready', 'open', 'close', 'conversation']) veridesk('on', name, note(name));
    veridesk('on', 'unread', unread);
    w.button.click();
    w.hear({ type: 'conversation', detail: { id: '7', number: 'VD-7' } });
    w.hear({ type: 'unread', count: 2 });
    w.button.click();
    veridesk('off', 'unread', unread);
    w.hear({ type: 'unread', count: 3 });
    await soon();
    expect(seen).toEqual([
      ['ready', undefined],
      ['open', undefined],
      ['conversation', { id: '7', number: 'VD-7' }],
      ['unread', { count: 2 }],
      ['close', undefined],
    ]);
  });

  it('stays standing under a flood of hostile messages', async () => {
    const w = await start();
    w.button.click();
    const hostile: unknown[] = [null, 1, 'x', [], { veridesk: 1 }, { veridesk: 1, type: {} }];
    for (let i = 0; i < 3_000; i++) {
      const data = hostile[i % hostile.length];
      hear(data, 'https://evil.example', window);
      hear(data, support, w.frame()!.contentWindow);
    }
    for (const count of [NaN, 'a'.repeat(1_000_000), {}, -1e309, [[]]]) w.hear({ type: 'unread', count });
    expect(w.button.getAttribute('aria-label')).toBe('Close support');
    w.hear({ type: 'close' });
    expect(w.badge()).toBe(false);
  });

  it('stands on the other side of a page that is written from right to left', async () => {
    document.documentElement.style.direction = 'rtl';
    const w = await start();
    expect([w.button.style.left, w.button.style.right]).toEqual(['20px', 'auto']);
    document.documentElement.style.direction = '';
  });

  it('speaks the Chinese of Taiwan and Hong Kong there', async () => {
    for (const tag of ['zh-TW', 'zh-Hant-HK']) {
      document.body.replaceChildren();
      page.Veridesk = undefined;
      const w = await start(`data-locale="${tag}"`);
      expect(w.button.getAttribute('aria-label')).toBe('線上客服');
    }
  });

  it('gives the focus back to the page’s own launcher when it has no button', async () => {
    const own = document.body.appendChild(document.createElement('button'));
    await start('data-hide-button="true"');
    own.focus();
    veridesk('open');
    (document.activeElement as HTMLElement).blur();
    veridesk('close');
    expect(document.activeElement).toBe(own);
  });
});
