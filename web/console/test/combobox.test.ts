import { createRawSnippet, flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import Combobox from '../src/ui/Combobox.svelte';

let shown: Record<string, unknown> | undefined;
afterEach(async () => {
  if (shown !== undefined) await unmount(shown);
  shown = undefined;
});

function combobox(rows: readonly string[]) {
  const chosen = vi.fn();
  shown = mount(Combobox<string>, {
    target: document.body,
    props: {
      icon: 'link',
      label: 'Find',
      placeholder: '',
      text: '',
      rows,
      keyOf: (row) => row,
      onchoose: chosen,
      none: 'Nothing found',
      option: createRawSnippet<[string]>((row) => ({ render: () => `<span>${row()}</span>` })),
    },
  });
  const input = document.querySelector('input') as HTMLInputElement;
  const press = (key: string, more: KeyboardEventInit = {}) => {
    input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    flushSync();
  };
  const active = () => {
    const option = document.querySelector('[aria-selected=true]');
    expect(input.getAttribute('aria-activedescendant')).toBe(option?.id);
    return option?.textContent;
  };
  return { chosen, input, press, active };
}

it('arrows go round, Enter takes the active row, a new word begins at the top', () => {
  const { chosen, input, press, active } = combobox(['a', 'b', 'c']);
  press('ArrowUp');
  expect(active()).toBe('c');
  press('ArrowDown');
  press('ArrowDown');
  expect(active()).toBe('b');
  press('Enter');
  expect(chosen).toHaveBeenLastCalledWith('b');
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
  expect(active()).toBe('a');
});

it('an input method keeps its keys', () => {
  const { chosen, press, active } = combobox(['a', 'b']);
  press('ArrowDown', { isComposing: true });
  press('Enter', { isComposing: true });
  expect(active()).toBe('a');
  expect(chosen).not.toHaveBeenCalled();
});

it('says so where there is nothing, and Enter does nothing', () => {
  const { chosen, input, press } = combobox([]);
  press('ArrowDown');
  press('Enter');
  expect(chosen).not.toHaveBeenCalled();
  expect(input.hasAttribute('aria-activedescendant')).toBe(false);
  expect(document.querySelector('[role=status]')?.textContent).toBe('Nothing found');
});
