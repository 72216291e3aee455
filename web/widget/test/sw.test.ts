// @vitest-environment node
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bytesOf } from '../src/push';

const handlers = new Map<string, (e: unknown) => void>();
const showNotification = vi.fn(async () => undefined);
const openWindow = vi.fn(async () => undefined);
let pages: { url: string; focus: () => Promise<unknown>; postMessage: ReturnType<typeof vi.fn> }[] = [];
Object.assign(globalThis, {
  self: {
    addEventListener: (type: string, f: (e: unknown) => void) => handlers.set(type, f),
    registration: { showNotification },
    clients: { matchAll: async () => pages, openWindow },
  },
});
await import('../sw');

const fire = async (type: string, more: object) => {
  let work: Promise<unknown> = Promise.resolve();
  handlers.get(type)!({ ...more, waitUntil: (w: Promise<unknown>) => (work = w) });
  await work;
};
const push = (data: unknown) => fire('push', { data: { json: () => data } });

beforeEach(() => {
  showNotification.mockClear();
  openWindow.mockClear();
  pages = [];
});

describe('the service worker', () => {
  it('says that there is an answer, and shows nothing of it whatever was sent', async () => {
    await push({
      conversation: '77',
      number: 'VD-1077',
      locale: 'zh-TW',
      title: 'Meridian',
      body: 'your seed is …',
    });
    expect(showNotification).toHaveBeenCalledWith('Meridian', {
      body: '您有一則新回覆。 (VD-1077)',
      tag: 'veridesk-77',
      icon: '/app/icon.svg',
      data: { conversation: '77' },
    });
  });
  it('shows something for every push, as browsers demand, also for one that it cannot read', async () => {
    await fire('push', {});
    await push(null);
    await push({ conversation: { evil: 1 }, title: 5, locale: '__proto__' });
    expect(showNotification).toHaveBeenCalledTimes(3);
    expect(showNotification.mock.lastCall as unknown[]).toMatchObject([
      'Support',
      { data: { conversation: '' } },
    ]);
  });
  it('opens the conversation, in the page that is there already if there is one', async () => {
    const click = (conversation: string) =>
      fire('notificationclick', { notification: { data: { conversation }, close: () => undefined } });
    await click('77');
    expect(openWindow).toHaveBeenCalledWith('/app#conversation=77');
    const other = { url: 'https://help.example/en/', focus: vi.fn(), postMessage: vi.fn() };
    const centre = {
      url: 'https://help.example/app#x',
      focus: vi.fn(async () => undefined),
      postMessage: vi.fn(),
    };
    pages = [other, centre];
    await click('78');
    expect(centre.postMessage).toHaveBeenCalledWith({ veridesk: 1, type: 'open', conversation: '78' });
    expect([openWindow.mock.calls.length, centre.focus.mock.calls.length]).toEqual([1, 1]);
  });
});

describe('the push key', () => {
  it('is read as base64url', () => expect([...bytesOf('-_8')]).toEqual([0xfb, 0xff]));
});
