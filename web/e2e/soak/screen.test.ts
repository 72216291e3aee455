import { expect, test } from 'vitest';
import type { Message } from '../../sdk';
import { unlike } from './compare';
import { Screen } from './screen';

const message = (seq: number, client_id = `c${seq}`): Message => ({
  id: `${seq}`,
  conversation_id: '1',
  seq,
  client_id,
  author_kind: 'contact',
  author_id: '1',
  author_name: '',
  visibility: 'public',
  body: '',
  created_at: 0,
});
const pending = (clientId: string, state: 'sending' | 'failed' = 'sending') => ({
  clientId,
  body: '',
  state,
});

/** What is found when a person's screen shows this, moment by moment. */
function watch(...moments: Parameters<Screen['look']>[0][]): string {
  const screen = new Screen('v');
  for (const m of moments) screen.look(m);
  return screen.faults.join();
}

test('a screen that only grows is fine', () => {
  expect(
    watch(
      { messages: [], pending: [pending('c1')] },
      { messages: [message(1)], pending: [] },
      { messages: [message(1), message(3)], pending: [pending('c4')] },
      { messages: [message(1), message(2), message(3), message(4)], pending: [] },
    ),
  ).toBe('');
});

test('what must not be on a screen is found', () => {
  expect(watch({ messages: [message(1), message(2, 'c1')], pending: [] })).toContain('twice');
  expect(watch({ messages: [message(2), message(1)], pending: [] })).toContain('wrong place');
  expect(watch({ messages: [message(1)], pending: [] }, { messages: [], pending: [] })).toContain('is gone');
  expect(watch({ messages: [], pending: [pending('c1')] }, { messages: [], pending: [] })).toContain(
    'is gone',
  );
  expect(watch({ messages: [], pending: [pending('c1', 'failed')] })).toContain('given up');
});

test('two lists are compared to the last entry', () => {
  expect(unlike(['a', 'b'], ['a', 'b'])).toBe('');
  expect(unlike(['a'], ['a', 'b'])).toBe('1 of 2, at 2 "" instead of "b"');
  expect(unlike(['a', 'b', 'c'], ['a', 'b'])).toBe('3 of 2, at 3 "c" instead of ""');
  expect(unlike(['b', 'a'], ['a', 'b'])).toBe('2 of 2, at 1 "b" instead of "a"');
});
