import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestError } from './errors';
import { Http } from './http';
import { VisitorApi } from './visitor_api';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers,
  });

const failing = async (p: Promise<unknown>): Promise<RequestError> => {
  const e = await p.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(e).toBeInstanceOf(RequestError);
  return e as RequestError;
};

afterEach(() => vi.useRealTimers());

describe('Http', () => {
  it('sends token, locale, request id and JSON', async () => {
    const fetch = vi.fn(async (..._: Parameters<typeof globalThis.fetch>) => answer(201, { ok: 1 }));
    const http = new Http({ base: 'https://s.example', fetch, token: () => 'tok', locale: () => 'zh-CN' });
    await http.request('/x', {
      method: 'POST',
      body: { a: '你好' },
      query: { q: '密码 & co', none: undefined },
    });
    const [url, init] = fetch.mock.calls[0]!;
    expect(url).toBe('https://s.example/x?q=%E5%AF%86%E7%A0%81+%26+co');
    const headers = init!.headers as Record<string, string>;
    expect(headers).toMatchObject({ Authorization: 'Bearer tok', 'Accept-Language': 'zh-CN' });
    expect(headers['X-Request-Id']).toMatch(/^[\w-]{22}$/);
    expect(init!.body).toBe('{"a":"你好"}');
  });

  it.each([
    [400, 'permanent'],
    [401, 'permanent'],
    [409, 'permanent'],
    [413, 'permanent'],
    [408, 'retryable'],
    [429, 'retryable'],
    [500, 'retryable'],
    [503, 'retryable'],
  ] as const)('tells what to do after a %i: %s', async (status, kind) => {
    const e = await failing(new Http({ fetch: async () => answer(status, { message: 'm' }) }).request('/x'));
    expect([e.kind, e.status]).toEqual([kind, status]);
  });

  it('carries the words of the server: code, fields, when to come back, request id', async () => {
    const body = {
      code: 'throttled',
      message: '请稍后再试',
      fields: { email: 'x' },
      retry_after: 3,
      request_id: 'r9',
    };
    const e = await failing(new Http({ fetch: async () => answer(429, body) }).request('/x'));
    expect(e).toMatchObject({ code: 'throttled', message: '请稍后再试', retryAfter: 3000, requestId: 'r9' });
    expect(e.fields).toEqual({ email: 'x' });
  });

  it('takes a refused connection as offline', async () => {
    const e = await failing(
      new Http({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) }).request('/x'),
    );
    expect(e.kind).toBe('offline');
  });

  it('takes silence as offline after the time limit', async () => {
    vi.useFakeTimers();
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init!.signal!.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))),
      );
    const p = failing(new Http({ fetch: never, timeout: 5_000 }).request('/x'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await p).kind).toBe('offline');
  });

  it('takes the page of a captive portal for no answer of ours', async () => {
    const e = await failing(
      new Http({ fetch: async () => answer(200, '<html>Log in to Wi-Fi') }).request('/x'),
    );
    expect(e.kind).toBe('retryable');
  });

  it('leaves an abort by the caller what it is', async () => {
    const mine = new AbortController();
    mine.abort();
    const fetch: typeof globalThis.fetch = (_, init) =>
      init!.signal!.aborted
        ? Promise.reject(new DOMException('aborted', 'AbortError'))
        : Promise.reject(new Error());
    await expect(new Http({ fetch }).request('/x', { signal: mine.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('answers nothing for 204', async () => {
    const api = new VisitorApi({ fetch: async () => answer(204, undefined) });
    expect(await api.read('7', 3)).toBeUndefined();
  });
});
