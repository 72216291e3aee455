import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chatInPlace, themeChat } from './chat';
import { closeMenu } from './menu';
import { dismissNotices } from './notices';
import { fitTables } from './tables';
import { followReading } from './toc';

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

const notices = `<main tabindex="-1"></main>
  <div data-notice="1"><button hidden>Hide</button></div><div data-notice="2"></div>`;

test('an announcement can be hidden for this visit, an incident cannot', () => {
  document.body.innerHTML = notices;
  dismissNotices(document);
  const [first, incident] = document.querySelectorAll<HTMLElement>('[data-notice]');
  const button = first?.querySelector('button');
  expect(button?.hidden).toBe(false);
  button?.click();
  expect([first?.hidden, incident?.hidden]).toEqual([true, false]);
  document.body.innerHTML = notices;
  dismissNotices(document);
  expect(document.querySelector<HTMLElement>('[data-notice]')?.hidden).toBe(true);
});

test('where storage is refused it is hidden on this page all the same', () => {
  vi.stubGlobal('sessionStorage', {
    getItem: () => {
      throw new Error('refused');
    },
    setItem: () => {
      throw new Error('refused');
    },
  });
  document.body.innerHTML = notices;
  dismissNotices(document);
  document.querySelector('button')?.click();
  expect(document.querySelector<HTMLElement>('[data-notice]')?.hidden).toBe(true);
});

test('the menu of languages closes for Escape and for a click elsewhere', () => {
  document.body.innerHTML =
    '<details open><summary>English</summary><a href="/zh-CN/">简体中文</a></details><p>text</p>';
  const menu = document.querySelector('details') as HTMLDetailsElement;
  closeMenu(menu);
  menu.querySelector('a')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(menu.open).toBe(false);
  menu.open = true;
  document.querySelector('p')?.click();
  expect(menu.open).toBe(false);
});

test('the contents show where the reader is', () => {
  document.body.innerHTML =
    '<nav><a href="#s-one">One</a><a href="#s-%E4%BA%8C">二</a></nav><h2 id="s-one">One</h2><h2 id="s-二">二</h2>';
  vi.stubGlobal('requestAnimationFrame', (f: () => void) => (f(), 0));
  Object.defineProperty(document.documentElement, 'scrollHeight', { value: 5000, configurable: true });
  const at = (id: string, top: number) => {
    const heading = document.getElementById(id) as HTMLElement;
    heading.getBoundingClientRect = () => ({ top }) as DOMRect;
  };
  at('s-one', 100);
  at('s-二', 2000);
  followReading(document.querySelector('nav') as HTMLElement);
  const here = () => document.querySelector('[aria-current]')?.textContent;
  expect(here()).toBe('One');
  at('s-one', -900);
  at('s-二', 200);
  dispatchEvent(new Event('scroll'));
  expect(here()).toBe('二');
});

test('links to the chat open it in place, and lead to its own page where it is not there', () => {
  document.body.innerHTML =
    '<a href="#chat" data-chat="locked_out" data-text="reset">Chat</a><a href="#chat" data-chat>Chat</a>';
  const [about, plain] = document.querySelectorAll('a');
  const click = (link?: Element, more: MouseEventInit = {}) =>
    link?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...more }));
  chatInPlace();
  expect(click(about)).toBe(true);
  const loader = vi.fn();
  vi.stubGlobal('Veridesk', loader);
  expect(click(about)).toBe(false);
  expect(click(plain)).toBe(false);
  expect(click(plain, { ctrlKey: true })).toBe(true);
  themeChat('dark');
  expect(loader.mock.calls).toEqual([
    ['open', { scenario: 'locked_out', text: 'reset' }],
    ['open', {}],
    ['boot', { theme: 'dark' }],
  ]);
});

test('a table is a stop of the Tab key only while it scrolls', () => {
  document.body.innerHTML = '<div class="table" tabindex="0"></div><div class="table"></div>';
  const [fits, scrolls] = document.querySelectorAll<HTMLElement>('.table');
  Object.defineProperty(scrolls, 'scrollWidth', { value: 900 });
  fitTables(document);
  expect([fits?.tabIndex, scrolls?.tabIndex]).toEqual([-1, 0]);
});
