import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askable, attachSuggestions } from './suggest';

const found = [
  { title: 'Late deposit', summary: 'Wait.', url: '/en/a/deposits/late' },
  { title: '<img src=x>', summary: 'b', url: '/en/a/b/c' },
];

function mount(): HTMLInputElement {
  document.body.innerHTML =
    '<form data-locale="en" data-some="suggestions" data-none="none"><span><input name="q"></span></form>';
  attachSuggestions(document.querySelector('form') as HTMLFormElement);
  const input = document.querySelector('input') as HTMLInputElement;
  input.focus();
  return input;
}

const press = (input: HTMLInputElement, key: string) => {
  const event = new KeyboardEvent('keydown', { key, cancelable: true, bubbles: true });
  input.dispatchEvent(event);
  return event;
};

async function type(input: HTMLInputElement, text: string): Promise<void> {
  input.value = text;
  input.dispatchEvent(new Event('input'));
  await vi.runAllTimersAsync();
}

beforeEach(() => {
  vi.useFakeTimers();
  Element.prototype.scrollIntoView = () => undefined;
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve({ ok: true, json: () => Promise.resolve({ articles: found }) })),
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a recovery phrase or key never leaves the page while somebody types', async () => {
  const input = mount();
  await type(input, 'legal winner thank year wave sausage worth useful legal winner thank yellow');
  await type(input, '5KJvsngHeMpm884wtkJNzQGaCErckhHJBGFsvd3VyK5qMZXj3hS12345678901');
  expect(fetch).not.toHaveBeenCalled();
  expect(askable('提币')).toBe(true);
  expect(askable('a')).toBe(false);
});

test('arrows walk the suggestions, Escape closes them, and titles stay text', async () => {
  const input = mount();
  await type(input, 'deposit');
  const options = document.querySelectorAll('[role=option]');
  expect(options).toHaveLength(2);
  expect(document.querySelector('img')).toBeNull();
  expect(input.getAttribute('aria-expanded')).toBe('true');
  expect(document.querySelector('[role=status]')?.textContent).toBe('2 suggestions');
  press(input, 'ArrowDown');
  expect(input.getAttribute('aria-activedescendant')).toBe(options[0]?.id);
  press(input, 'ArrowUp');
  expect(input.hasAttribute('aria-activedescendant')).toBe(false);
  expect(press(input, 'Enter').defaultPrevented).toBe(false); // nothing chosen: search
  press(input, 'Escape');
  expect(input.getAttribute('aria-expanded')).toBe('false');
  expect(document.querySelectorAll('[role=option]')).toHaveLength(0);
});

test('when suggestions fail the search box goes on working', async () => {
  vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.reject(new Error('offline'))),
  );
  const input = mount();
  await type(input, 'deposit');
  expect(document.querySelectorAll('[role=option]')).toHaveLength(0);
});
