// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type VisitorApi, type VisitorSession } from '../../sdk';
import { SignIn, subjectOf } from '../src/sign_in';

const part = (o: object) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(o)))).replace(/=+$/, '');
const jwt = (sub: string, mark = '') =>
  `${part({ alg: 'EdDSA' })}.${part({ sub, mark })}.sig`.replace(/\+/g, '-').replace(/\//g, '_');
const minute = 60_000;

let token: string | Error;
let stored: string;
let desk: { become: ReturnType<typeof vi.fn>; forget: ReturnType<typeof vi.fn> };
let told: unknown[];
let requests: string[];
let session: ReturnType<typeof vi.fn>;
let restart: ReturnType<typeof vi.fn<() => void>>;
let hidden: boolean;
let person: { uid: string };

const make = (follows = false) =>
  new SignIn({
    api: {
      session,
      http: { request: async (path: string) => void requests.push(path) },
    } as unknown as VisitorApi,
    desk: desk as never,
    host: {
      token: async () => {
        if (typeof token !== 'string') throw token;
        return token;
      },
      tell: (type, more) => void told.push([type, more]),
    },
    locale: () => 'en',
    entity: '',
    person,
    who: { get: () => stored, set: (uid) => (stored = uid) },
    keepSecret: () => (hidden = true),
    restart,
    follows,
  });

beforeEach(() => {
  vi.useFakeTimers();
  token = jwt('88');
  stored = '';
  told = [];
  requests = [];
  hidden = false;
  person = { uid: '' };
  restart = vi.fn();
  desk = { become: vi.fn(async () => undefined), forget: vi.fn() };
  session = vi.fn(
    async ({ jwt: by }: { jwt: string }) =>
      ({
        token: `session of ${subjectOf(by)}`,
        contact: { id: '5', kind: 'customer', uid: subjectOf(by) },
        expires_at: (Date.now() + 30 * minute) * 1000,
        merged: 0,
      }) as VisitorSession,
  );
});
afterEach(() => vi.useRealTimers());

describe('SignIn', () => {
  it('gives the desk the customer’s session, and keeps its token out of the browser’s storage', async () => {
    await make().identify();
    expect(session).toHaveBeenCalledWith({ locale: 'en', jwt: token });
    expect(desk.become.mock.calls[0]![0]).toMatchObject({ token: 'session of 88' });
    expect([hidden, stored, person.uid]).toEqual([true, '88', '88']);
  });

  it('stays with the visitor when nobody is signed in at the exchange', async () => {
    token = '';
    await make().identify();
    expect([session.mock.calls.length, desk.become.mock.calls.length, told]).toEqual([0, 0, []]);
  });

  it('tells the page, and nobody else, when its token is refused or cannot be had', async () => {
    session.mockRejectedValueOnce(new RequestError('permanent', 401, 'unauthorized', 'expired', 'r'));
    await make().identify();
    token = new Error('no token');
    await make().identify();
    expect(told).toEqual([
      ['error', { detail: { code: 'unauthorized', message: 'expired' } }],
      ['error', { detail: { code: 'token', message: 'Error: no token' } }],
    ]);
    expect(desk.forget).not.toHaveBeenCalled();
  });

  it('renews the session before it ends, with a fresh token', async () => {
    await make().identify();
    token = jwt('88', 'fresh');
    await vi.advanceTimersByTimeAsync(29 * minute);
    expect(session).toHaveBeenCalledTimes(2);
    expect(session.mock.lastCall![0]).toMatchObject({ jwt: token });
    expect(restart).not.toHaveBeenCalled();
  });

  it('asks again no faster than every half minute, whatever lifetime it is told', async () => {
    session.mockImplementation(async () => ({ token: 't', contact: { uid: '88' }, expires_at: 0 }));
    await make().identify();
    await vi.advanceTimersByTimeAsync(5 * minute);
    expect(session.mock.calls.length).toBe(11);
  });

  it('asks once when several things need it at the same time', async () => {
    const s = make();
    await Promise.all([s.identify(), s.renew(), s.renew()]);
    expect(session).toHaveBeenCalledTimes(1);
  });

  it('shows a changed user nothing of the one before: all is forgotten and begins anew', async () => {
    const s = make();
    await s.identify();
    token = jwt('99');
    await s.identify();
    expect(desk.forget).toHaveBeenCalled();
    expect(restart).toHaveBeenCalledTimes(1);
    // Signing in happens after the new beginning, never over the old screen.
    expect(session).toHaveBeenCalledTimes(1);
    expect(stored).toBe('99');
  });

  it('forgets the customer on logout and ends the token at the desk', async () => {
    const s = make();
    await s.identify();
    await s.logout();
    expect([requests, stored]).toEqual([['/api/v1/visitor/logout'], '']);
    expect(desk.forget).toHaveBeenCalled();
    expect(restart).toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(session).toHaveBeenCalledTimes(1);
  });

  it('forgets also what an earlier page left, and leaves an anonymous visitor alone', async () => {
    await make().logout();
    expect([desk.forget.mock.calls.length, restart.mock.calls.length]).toEqual([0, 0]);
    stored = '88';
    await make().logout();
    expect([desk.forget.mock.calls.length, restart.mock.calls.length, requests]).toEqual([1, 1, []]);
  });

  it('takes a page that knows nobody any more for a logout', async () => {
    const s = make();
    await s.identify();
    token = '';
    await s.identify();
    expect(desk.forget).toHaveBeenCalled();
    expect(restart).toHaveBeenCalled();
  });

  it('does not send tabs of two accounts chasing each other', async () => {
    stored = '99';
    await make(true).identify();
    expect([person.uid, stored]).toEqual(['88', '99']);
  });
});

describe('subjectOf', () => {
  it('reads any alphabet, and nothing from what is no token', () => {
    expect(subjectOf(jwt('用户-88'))).toBe('用户-88');
    for (const bad of ['', 'a', 'a.b.c', 'a.!!!.c', `x.${part({ sub: 5 })}.y`, `x.${part([])}.y`])
      expect(subjectOf(bad)).toBe('');
  });
});
