/**
 * The only thing that loads with the exchange's page: a round button and, once it is pressed, a frame.
 *
 *   <script async src="https://support.meridian.example/widget/loader.js"
 *           data-locale="zh-CN" data-theme="dark" data-position="left" data-color="#0b5fd0"></script>
 *
 *   Veridesk('open'); Veridesk('identify', { token: () => fetch('/support-token').then((r) => r.text()) });
 *
 * All commands and options: veridesk.d.ts. Calls made before it has loaded are kept when the page
 * defines the queue itself:
 *   window.Veridesk = window.Veridesk || function () { (window.Veridesk.q = window.Veridesk.q || []).push(arguments) };
 *
 * Page and frame talk by postMessage with exact origins in both directions; whatever else arrives is
 * ignored. All styles are set through the CSS object model, so that a strict content policy of the
 * exchange stays as it is. No cookie and no storage: what the loader knows, it knows in memory.
 */
import type { Veridesk, VerideskIdentity, VerideskOptions } from './veridesk';

type Options = { [name: string]: unknown } & VerideskOptions;
type Handler = (detail: unknown) => void;
type Command = (more: unknown, handler: unknown) => unknown;

((page: Window & { Veridesk?: Veridesk }, doc: Document) => {
  const script = (doc.currentScript ??
    doc.querySelector('script[src*="/widget/loader.js"]')) as HTMLScriptElement | null;
  if (!script || page.Veridesk?.loaded) return;
  const { origin } = new URL(script.src);
  const options: Options = { ...script.dataset };
  const words: [languages: RegExp, ...words: string[]][] = [
    [/^zh\b.*(hant|tw|hk|mo)/i, '線上客服', '關閉客服', '客服', '客服未能載入，請在新分頁中開啟', '則未讀'],
    [/^zh/i, '在线客服', '关闭客服', '客服', '客服未能加载，请在新标签页中打开', '条未读'],
    [/^/, 'Contact us', 'Close support', 'Support', 'Support did not load. Open it in a new tab', 'unread'],
  ];
  const narrow = page.matchMedia('(max-width: 479px)');
  const handlers: Record<string, Set<Handler> | undefined> = Object.create(null);
  let isOpen = false;
  let unread = 0;
  let frame: HTMLIFrameElement | undefined;
  let late = 0;
  let identity: VerideskIdentity['token'] | undefined;
  /** Where the focus was before the frame took it. */
  let before: HTMLElement | null | undefined;

  const style = (element: HTMLElement | SVGElement, rules: Record<string, string>) => {
    for (const name in rules) element.style.setProperty(name, rules[name] as string);
  };
  const make = <T extends keyof HTMLElementTagNameMap>(tag: T, into: Node, rules: Record<string, string>) => {
    const element = doc.createElement(tag);
    style(element, { 'box-sizing': 'border-box', ...rules });
    into.appendChild(element);
    return element;
  };
  const draw = <T extends 'svg' | 'path'>(tag: T, into: Node, attributes: Record<string, string>) => {
    const element = doc.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const name in attributes) element.setAttribute(name, attributes[name] as string);
    into.appendChild(element);
    return element;
  };

  const host = doc.createElement('div');
  // Nothing of the page's own styles comes in; its direction would, and sides are given by name here.
  style(host, { all: 'initial', direction: 'ltr', position: 'fixed' });
  const root = host.attachShadow({ mode: 'open' });
  const panel = make('div', root, {
    position: 'fixed',
    overflow: 'hidden',
    font: '15px/1.5 system-ui, sans-serif',
    'box-shadow': '0 12px 40px rgba(16,24,40,.22)',
  });
  panel.setAttribute('role', 'dialog');
  const button = make('button', root, {
    position: 'fixed',
    bottom: 'calc(20px + env(safe-area-inset-bottom, 0px))',
    width: '56px',
    height: '56px',
    padding: '0',
    border: '0',
    'border-radius': '50%',
    cursor: 'pointer',
    'outline-offset': '3px',
    'box-shadow': '0 4px 16px rgba(16,24,40,.24)',
  });
  button.type = 'button';
  const badge = make('span', button, {
    position: 'absolute',
    top: '-2px',
    right: '-2px',
    'min-width': '20px',
    padding: '0 5px',
    'border-radius': '10px',
    background: '#c3232b',
    color: '#fff',
    font: '600 12px/20px system-ui, sans-serif',
  });
  badge.setAttribute('aria-hidden', 'true');
  const icon = draw('svg', button, { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  style(icon, {
    display: 'block',
    width: '26px',
    margin: 'auto',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  });
  const line = draw('path', icon, {});

  const locale = () => String(options.locale || doc.documentElement.lang || navigator.language);
  const say = () => words.find(([languages]) => languages.test(locale())) as string[];

  const emit = (event: string, detail?: unknown) =>
    // Each on its own: an error in one is reported as the page's own and stops nobody.
    handlers[event]?.forEach((handler) => void Promise.resolve(detail).then(handler));

  /** Makes what is on the screen agree with the state. */
  const show = () => {
    const [, contact, close, title, , news] = say() as [unknown, ...string[]];
    const color = /^#[0-9a-f]{6}$/i.test(options.color ?? '') ? (options.color as string) : '#0b5fd0';
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)) as [number, number, number];
    const toLeft = options.position
      ? options.position === 'left'
      : getComputedStyle(doc.documentElement).direction === 'rtl';
    const side = { left: toLeft ? '20px' : 'auto', right: toLeft ? 'auto' : '20px' };
    const full = narrow.matches;
    const hidden = String(options.hideButton) === 'true';
    const dark =
      options.theme === 'dark' ||
      (options.theme !== 'light' && page.matchMedia('(prefers-color-scheme: dark)').matches);
    style(host, { 'z-index': String(parseInt(String(options.zIndex)) || 2147483000) });
    style(button, {
      ...side,
      display: hidden || (isOpen && full) ? 'none' : 'block',
      background: color,
      color: r * 0.299 + g * 0.587 + b * 0.114 > 160 ? '#14181f' : '#fff',
    });
    button.setAttribute(
      'aria-label',
      (isOpen ? close : unread ? `${contact} (${unread} ${news})` : contact)!,
    );
    button.setAttribute('aria-expanded', String(isOpen));
    line.setAttribute(
      'd',
      isOpen ? 'M6 9.5l6 6 6-6' : 'M21 11.5a8.5 8.5 0 0 1-12.4 7.5L3 21l2-5.6A8.5 8.5 0 1 1 21 11.5z',
    );
    badge.textContent = unread > 99 ? '99+' : String(unread);
    style(badge, { display: unread && !isOpen ? 'block' : 'none' });
    panel.setAttribute('aria-label', title!);
    style(panel, {
      ...side,
      display: isOpen ? 'block' : 'none',
      top: 'auto',
      bottom: hidden ? '20px' : '92px',
      width: '400px',
      height: 'min(680px, calc(100vh - 112px))',
      'border-radius': '16px',
      ...(full && { top: '0', left: '0', bottom: '0', width: '100%', height: '100%', 'border-radius': '0' }),
      background: dark ? '#171b21' : '#fff',
      color: dark ? '#eceff4' : '#14181f',
    });
    style(doc.documentElement, { overflow: isOpen && full ? 'hidden' : '' });
  };

  const tell = (type: string, more?: object) =>
    frame?.contentWindow?.postMessage({ veridesk: 1, type, ...more }, origin);

  /** What the application is told about how to look and speak. */
  const look = () => {
    const { theme, color, radius, font, entity } = options;
    return { locale: locale(), theme, color, radius, font, entity };
  };

  const load = (more: object) => {
    const hash = new URLSearchParams({
      origin: page.location.origin,
      // Without query and fragment: they may hold the customer's tokens.
      page: page.location.origin + page.location.pathname,
    });
    for (const [name, value] of Object.entries({ ...look(), ...more, identify: identity && 1 })) {
      if (value) hash.set(name, String(value));
    }
    panel.textContent = '';
    const link = make('a', panel, { display: 'none', padding: '24px', color: 'inherit' });
    link.textContent = say()[4] as string;
    link.href = origin;
    link.target = '_blank';
    link.rel = 'noopener';
    frame = make('iframe', panel, { display: 'block', width: '100%', height: '100%', border: '0' });
    frame.title = say()[3] as string;
    frame.allow = 'clipboard-write';
    frame.src = `${origin}/widget/index.html#${hash}`;
    late = page.setTimeout(() => {
      style(link, { display: 'block' });
      frame?.remove();
      frame = undefined;
      emit('error', { code: 'load', message: 'the frame did not load' });
    }, 15000);
  };

  const toggle = (open: boolean, more: object = {}) => {
    const changed = open !== isOpen;
    isOpen = open;
    if (open && changed) before = doc.activeElement as HTMLElement | null;
    show();
    if (open) {
      if (frame) tell('open', more);
      else load(more);
      frame?.focus();
    } else if (changed) {
      tell('close');
      if (button.style.display === 'none') before?.focus();
      else button.focus();
    }
    if (changed) emit(open ? 'open' : 'close');
  };

  /** The page's word about who is signed in; null when it could not be had. */
  const answer = async (id: unknown) => {
    let token: string | null = null;
    try {
      const given = await (typeof identity === 'function' ? identity() : identity);
      token = typeof given === 'string' ? given.trim() : '';
    } catch (cause) {
      emit('error', { code: 'token', message: String(cause) });
    }
    tell('token', { id, token });
  };

  const commands: Record<string, Command> = {
    boot: (more) => {
      Object.assign(options, more);
      tell('boot', look());
      show();
    },
    identify: (who) => {
      identity = (who as VerideskIdentity | undefined)?.token;
      tell('identify');
    },
    logout: () => {
      identity = undefined;
      unread = 0;
      show();
      // What an earlier page left on this device is the application's to remove.
      if (frame) tell('logout');
      else load({ logout: 1 });
    },
    open: (more) => toggle(true, more as object),
    newConversation: (more) => toggle(true, { ...(more as object), write: 1 }),
    showArticle: (article) => toggle(true, { article }),
    close: () => toggle(false),
    on: (event, handler) => {
      (handlers[event as string] ??= new Set()).add(handler as Handler);
      if (event === 'ready') emit('ready');
    },
    off: (event, handler) => handlers[event as string]?.delete(handler as Handler),
  };
  const unknown = new Set<unknown>();
  const command = ((name: string, ...rest: unknown[]) => {
    if (Object.keys(commands).includes(name)) return void commands[name]!(rest[0], rest[1]);
    // eslint-disable-next-line no-console -- for whoever writes the page
    if (!unknown.has(name)) console.warn(`Veridesk does not know "${name}"`);
    unknown.add(name);
  }) as Veridesk;

  page.addEventListener('message', (event) => {
    if (event.origin !== origin || !event.source || event.source !== frame?.contentWindow) return;
    const { veridesk, type, count, id, detail } = Object(event.data) as Record<string, unknown>;
    if (veridesk !== 1) return;
    if (type === 'ready') {
      page.clearTimeout(late);
      if (isOpen) tell('open');
    } else if (type === 'close') {
      toggle(false);
    } else if (type === 'token') {
      void answer(id);
    } else if (type === 'unread') {
      unread = typeof count === 'number' && count > 0 ? Math.min(count, 999) : 0;
      show();
      emit('unread', { count: unread });
    } else if (type === 'conversation' || type === 'error') {
      emit(type, detail);
    }
  });
  button.addEventListener('click', () => toggle(!isOpen));
  page.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen) toggle(false);
  });
  // Safari before 14 knows only the old name.
  if (narrow.addEventListener) narrow.addEventListener('change', show);
  else narrow.addListener(show);
  const begin = () => {
    const queue = page.Veridesk?.q ?? [];
    doc.body.appendChild(host);
    show();
    page.Veridesk = Object.assign(command, { loaded: true });
    for (const call of queue) (command as (...call: unknown[]) => void)(...Array.from(call));
  };
  if (doc.body) begin();
  else doc.addEventListener('DOMContentLoaded', begin);
})(window, document);
