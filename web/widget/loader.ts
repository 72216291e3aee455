/**
 * The only thing that loads with the exchange's page: a round button and, once it is pressed, a frame.
 *
 *   <script async src="https://support.meridian.example/widget/loader.js"
 *           data-locale="zh-CN" data-theme="dark" data-position="left" data-color="#0b5fd0"></script>
 *
 *   Veridesk('open'); Veridesk('open', { scenario: 'suspected_theft' }); Veridesk('close');
 *   Veridesk('boot', { locale: 'en', theme: 'light', color: '#0b5fd0', position: 'right' });
 *
 * Calls made before it has loaded are kept when the page defines the queue itself:
 *   window.Veridesk = window.Veridesk || function () { (Veridesk.q = Veridesk.q || []).push(arguments) };
 *
 * Page and frame talk by postMessage with exact origins in both directions. All styles are set through
 * the CSS object model, so that a strict content policy of the exchange stays as it is.
 */
export {};

type Options = {
  locale?: string;
  theme?: string;
  position?: string;
  color?: string;
  scenario?: string;
  text?: string;
};
type Command = (name: string, options?: Options) => void;

((page: Window & { Veridesk?: Command & { q?: Parameters<Command>[] } }, doc: Document) => {
  const script = (doc.currentScript ??
    doc.querySelector('script[src*="/widget/loader.js"]')) as HTMLScriptElement | null;
  const queue = page.Veridesk?.q ?? [];
  if (!script || (page.Veridesk && !page.Veridesk.q)) return;
  const origin = new URL(script.src).origin;
  const options: Options = { ...script.dataset };
  const words = {
    en: ['Contact us', 'Close support', 'Support', 'Support did not load. Open it in a new tab', 'unread'],
    zh: ['在线客服', '关闭客服', '客服', '客服未能加载，请在新标签页中打开', '条未读'],
  };
  const narrow = page.matchMedia('(max-width: 479px)');
  let isOpen = false;
  let unread = 0;
  let frame: HTMLIFrameElement | undefined;
  let late = 0;

  const style = (element: HTMLElement, rules: Record<string, string>) => {
    for (const name in rules) element.style.setProperty(name, rules[name] as string);
  };
  const make = <T extends keyof HTMLElementTagNameMap>(tag: T, into: Node, rules: Record<string, string>) => {
    const element = doc.createElement(tag);
    style(element, { 'box-sizing': 'border-box', ...rules });
    into.appendChild(element);
    return element;
  };

  const host = doc.createElement('div');
  style(host, { all: 'initial', position: 'fixed', 'z-index': '2147483000' });
  const root = host.attachShadow({ mode: 'open' });
  const panel = make('div', root, {
    position: 'fixed',
    display: 'none',
    overflow: 'hidden',
    font: '15px/1.5 system-ui, sans-serif',
    'box-shadow': '0 12px 40px rgba(16,24,40,.22), 0 2px 8px rgba(16,24,40,.1)',
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
    height: '20px',
    padding: '0 5px',
    'border-radius': '10px',
    background: '#c3232b',
    color: '#fff',
    font: '600 12px/20px system-ui, sans-serif',
  });
  badge.setAttribute('aria-hidden', 'true');
  const svg = 'http://www.w3.org/2000/svg';
  const icon = button.appendChild(doc.createElementNS(svg, 'svg'));
  const line = icon.appendChild(doc.createElementNS(svg, 'path'));
  for (const [name, value] of Object.entries({
    viewBox: '0 0 24 24',
    width: '26',
    height: '26',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  })) {
    icon.setAttribute(name, value);
  }
  style(icon as unknown as HTMLElement, { display: 'block', margin: 'auto' });

  const locale = () =>
    /^zh/i.test(options.locale || doc.documentElement.lang || navigator.language) ? 'zh' : 'en';

  /** Makes what is on the screen agree with the state. */
  const show = () => {
    const [contact, close, title, , news] = words[locale()] as [string, string, string, string, string];
    const color = /^#[0-9a-f]{6}$/i.test(options.color ?? '') ? (options.color as string) : '#0b5fd0';
    const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)) as [number, number, number];
    const side = options.position === 'left' ? 'left' : 'right';
    const full = narrow.matches;
    style(button, {
      left: 'auto',
      right: 'auto',
      [side]: '20px',
      display: isOpen && full ? 'none' : 'block',
      background: color,
      color: r * 0.299 + g * 0.587 + b * 0.114 > 160 ? '#14181f' : '#fff',
    });
    button.setAttribute('aria-label', isOpen ? close : unread ? `${contact} (${unread} ${news})` : contact);
    button.setAttribute('aria-expanded', String(isOpen));
    line.setAttribute(
      'd',
      isOpen ? 'M6 9.5l6 6 6-6' : 'M21 11.5a8.5 8.5 0 0 1-12.4 7.5L3 21l2-5.6A8.5 8.5 0 1 1 21 11.5z',
    );
    badge.textContent = unread > 99 ? '99+' : String(unread);
    style(badge, { display: unread && !isOpen ? 'block' : 'none' });
    panel.setAttribute('aria-label', title);
    style(panel, {
      display: isOpen ? 'block' : 'none',
      ...(full
        ? { top: '0', left: '0', bottom: '0', width: '100%', height: '100%', 'border-radius': '0' }
        : {
            top: 'auto',
            left: 'auto',
            right: 'auto',
            [side]: '20px',
            bottom: '92px',
            width: '400px',
            height: 'min(680px, calc(100vh - 112px))',
            'border-radius': '16px',
          }),
      background: dark() ? '#171b21' : '#fff',
      color: dark() ? '#eceff4' : '#14181f',
    });
    style(doc.documentElement, { overflow: isOpen && full ? 'hidden' : '' });
  };
  const dark = () =>
    options.theme === 'dark' ||
    (options.theme !== 'light' && page.matchMedia('(prefers-color-scheme: dark)').matches);

  const tell = (type: string, more: Options = {}) =>
    frame?.contentWindow?.postMessage({ veridesk: 1, type, ...more }, origin);

  const load = (scenario = '', text = '') => {
    const hash = new URLSearchParams({
      origin: page.location.origin,
      // Without query and fragment: they may hold the customer's tokens.
      page: page.location.origin + page.location.pathname,
      locale: locale() === 'zh' ? 'zh-CN' : 'en',
      theme: options.theme ?? 'system',
      color: options.color ?? '',
      scenario,
      text,
    });
    const link = make('a', panel, { display: 'none', padding: '24px', color: 'inherit' });
    link.textContent = words[locale()][3] as string;
    link.href = origin;
    link.target = '_blank';
    link.rel = 'noopener';
    frame = make('iframe', panel, { display: 'block', width: '100%', height: '100%', border: '0' });
    frame.title = words[locale()][2] as string;
    frame.allow = 'clipboard-write';
    frame.src = `${origin}/widget/index.html#${hash}`;
    late = page.setTimeout(() => {
      style(link, { display: 'block' });
      frame?.remove();
      frame = undefined;
    }, 15000);
  };

  const toggle = (open: boolean, scenario?: string, text?: string) => {
    const changed = open !== isOpen;
    isOpen = open;
    show();
    if (open) {
      if (frame) tell('open', { scenario: scenario ?? '', text: text ?? '' });
      else {
        panel.textContent = '';
        load(scenario, text);
      }
      frame?.focus();
    } else if (changed) {
      tell('close');
      button.focus();
    }
  };

  const command: Command = (name, more = {}) => {
    if (name === 'open') toggle(true, more.scenario, more.text);
    else if (name === 'close') toggle(false);
    else if (name === 'boot') {
      Object.assign(options, more);
      tell('boot', options);
      show();
    }
  };

  page.addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== frame?.contentWindow || event.data?.veridesk !== 1)
      return;
    const { type, count } = event.data as { type: string; count?: number };
    if (type === 'ready') {
      page.clearTimeout(late);
      if (isOpen) tell('open');
    } else if (type === 'close') {
      toggle(false);
    } else if (type === 'unread') {
      unread = Number(count) || 0;
      show();
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
    doc.body.appendChild(host);
    show();
    page.Veridesk = command;
    for (const call of queue) command(...call);
  };
  if (doc.body) begin();
  else doc.addEventListener('DOMContentLoaded', begin);
})(window, document);
