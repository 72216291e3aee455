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

it('tells the editors what became of a search, once, and what was tried before a message', async () => {
  const searched = vi.fn(async () => undefined);
  const articles = vi.fn(async () => [{ title: 'Late', slug: 'late' } as ArticleHit]);
  const api = { articles, searched, article: vi.fn(async () => ({})) } as unknown as VisitorApi;
  const help = new Help(api, () => 'en');
  expect(help.came()).toEqual({});
  await help.search();
  expect(help.came()).toEqual({});
  help.type('  late deposit ');
  await vi.advanceTimersByTimeAsync(200);
  await help.article('fees', 'other');
  expect(searched).not.toHaveBeenCalled();
  await help.article('deposits', 'late');
  await help.article('deposits', 'late');
  expect(help.came()).toEqual({ article: 'deposits/late', query: 'late deposit' });
  expect(searched.mock.calls).toEqual([
    [{ locale: 'en', query: 'late deposit', hits: 1, clicked: 'deposits/late' }],
  ]);
  await vi.advanceTimersByTimeAsync(31 * 60_000);
  expect(help.came()).toEqual({});
});

it('tells the editors about a search that was given up', async () => {
  const searched = vi.fn(async () => Promise.reject(new RequestError('offline', 0, '', '', 'r')));
  const help = new Help({ articles: async () => [], searched } as unknown as VisitorApi, () => 'zh-CN');
  help.type('丢了');
  await vi.advanceTimersByTimeAsync(200);
  expect(help.came()).toEqual({ query: '丢了' });
  help.came();
  expect(searched.mock.calls).toEqual([[{ locale: 'zh-CN', query: '丢了', hits: 0 }]]);
});
