import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RequestError, type ArticleHit, type VisitorApi } from '../../sdk';
import { Help } from '../src/help.svelte';

const hit = (title: string) => ({ title }) as ArticleHit;
beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('asks once for a word typed quickly, and never again for the same word', async () => {
  const articles = vi.fn(async (_l: string, q: string) => [hit(q)]);
  const help = new Help({ articles } as unknown as VisitorApi, () => 'en');
  for (const q of ['d', 'de', 'dep']) help.type(q);
  await vi.advanceTimersByTimeAsync(200);
  expect(articles.mock.calls.map((c) => c[1])).toEqual(['dep']);
  expect(help.answered).toBe('dep');
  help.type('depo');
  await vi.advanceTimersByTimeAsync(200);
  help.type('dep');
  await vi.advanceTimersByTimeAsync(200);
  expect(articles).toHaveBeenCalledTimes(2);
});

it('does not show a late answer to an earlier question', async () => {
  const answers: ((h: ArticleHit[]) => void)[] = [];
  const articles = vi.fn(() => new Promise<ArticleHit[]>((r) => answers.push(r)));
  const help = new Help({ articles } as unknown as VisitorApi, () => 'en');
  help.type('old');
  await vi.advanceTimersByTimeAsync(200);
  help.type('new');
  await vi.advanceTimersByTimeAsync(200);
  answers[1]!([hit('new')]);
  answers[0]!([hit('old')]);
  await vi.advanceTimersByTimeAsync(0);
  expect(help.hits?.[0]?.title).toBe('new');
});

it('says that articles could not be loaded, and recovers', async () => {
  const articles = vi
    .fn<() => Promise<ArticleHit[]>>()
    .mockRejectedValueOnce(new RequestError('offline', 0, '', '', 'r'))
    .mockResolvedValue([hit('a')]);
  const help = new Help({ articles } as unknown as VisitorApi, () => 'en');
  await help.search();
  expect(help.failed).toBe(true);
  await help.search();
  expect([help.failed, help.hits?.length]).toEqual([false, 1]);
});
