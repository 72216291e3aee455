import { beforeEach, describe, expect, it, vi } from 'vitest';

type Veridesk = { (name: string, options?: object): void; q?: unknown[] };
const page = window as Window & { Veridesk?: Veridesk | undefined };
const support = 'https://support.example';

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
    hear: (data: object, origin = support, source?: Window | null) =>
      window.dispatchEvent(
        new MessageEvent('message', {
          data: { veridesk: 1, ...data },
          origin,
          source: source === undefined ? (root.querySelector('iframe')?.contentWindow ?? null) : source,
        }),
      ),
  };
};

beforeEach(() => {
  document.body.replaceChildren();
  page.Veridesk = undefined;
  window.matchMedia = vi.fn().mockReturnValue({ matches: false, addEventListener: () => undefined });
});

describe('loader', () => {
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
    (page as { Veridesk?: Veridesk }).Veridesk!('close');
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
});
