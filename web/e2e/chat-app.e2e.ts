// The in-app centre: a page in the exchange's own app, on a phone, with a finger, and the app around it.
import { createECDH, randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { VerideskApp } from '../widget/src/bridge';
import { sqlite, test, type Cast } from './stage/cast';
import { phone } from './stage/customer';
import { Floor } from './stage/floor';
import { lateWords, widgetWords } from './stage/words';

interface Said {
  type: string;
  id?: number;
  count?: number;
  detail?: Record<string, string>;
}
interface Native {
  VerideskApp: VerideskApp;
  said: Said[];
}
const t = widgetWords.en;
const w = lateWords.en;

/** A phone's web view with what the native app puts into it. */
class WebView {
  private constructor(readonly page: Page) {}

  static async open(cast: Cast, fragment: string): Promise<WebView> {
    const page = await cast.page({ ...phone, locale: 'en' });
    await page.addInitScript(() => {
      const native = window as unknown as Native & { VerideskNative: unknown };
      native.said = [];
      native.VerideskNative = { postMessage: (m: string) => native.said.push(JSON.parse(m) as Said) };
    });
    await page.goto(`${sqlite.url}/app#${fragment}`);
    return new WebView(page);
  }
  said = () => this.page.evaluate(() => (window as unknown as Native).said);
  async hears(type: string): Promise<Said> {
    await expect.poll(async () => (await this.said()).map((m) => m.type)).toContain(type);
    return (await this.said()).findLast((m) => m.type === type) as Said;
  }
  async unreadIs(count: number): Promise<void> {
    await expect
      .poll(async () => (await this.said()).findLast((m) => m.type === 'unread')?.count, { timeout: 10_000 })
      .toBe(count);
  }
  call<M extends keyof VerideskApp>(method: M, ...args: Parameters<VerideskApp[M]>): Promise<void> {
    return this.page.evaluate(
      ([name, values]) => {
        const app = (window as unknown as Native).VerideskApp as unknown as Record<
          string,
          (...a: unknown[]) => void
        >;
        app[name]?.(...values);
      },
      [method, args as unknown[]] as const,
    );
  }
  /** The app's answer to the page's question who is signed in. */
  async signIn(uid: string): Promise<void> {
    const { id } = await this.hears('token');
    const jwt = await (await fetch(`${sqlite.exchange}/support-token/${uid}`, { method: 'POST' })).text();
    await this.call('token', id ?? 0, jwt);
  }
}

describe('in the app', () => {
  test('signs in, begins, counts, goes where it is sent, and back, by touch', async ({ cast }) => {
    cast.tolerate(/status of 404/);
    const floor = await Floor.clear(sqlite);
    const view = await WebView.open(cast, 'identify=1&locale=en&theme=dark&color=%230b5fd0');
    const { page } = view;
    await view.hears('ready');
    await view.signIn('88005678');
    await view.call('setSafeArea', { top: 40, bottom: 24 });
    expect(await page.evaluate(() => document.documentElement.style.getPropertyValue('--safe-top'))).toBe(
      '40px',
    );
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');

    await view.call('open', { scenario: 'transfer_trouble', text: 'Withdrawal 4711' });
    const box = page.getByLabel(t.composerLabel);
    expect(await box.inputValue()).toBe('Withdrawal 4711');
    await box.fill('Withdrawal 4711 waits since noon.');
    await page.getByRole('button', { name: t.send, exact: true }).tap();
    const { detail } = await view.hears('conversation');
    expect(detail?.['scenario']).toBe('transfer_trouble');
    const id = detail?.['id'] ?? '';

    await view.call('setVisible', false);
    await floor.answer('mei', id, 'It left an hour ago.');
    await view.unreadIs(1);
    // What the app asks while the page is closed: with the exchange's own token.
    const jwt = await (await fetch(`${sqlite.exchange}/support-token/88005678`, { method: 'POST' })).text();
    const unread = await fetch(`${sqlite.url}/api/v1/visitor/unread`, {
      headers: { Authorization: `Bearer ${jwt}` },
    });
    expect(await unread.json()).toMatchObject({ conversations: 1, messages: 1 });

    await view.call('open', { article: 'deposits/deposit-not-credited' });
    await page.locator('.prose').waitFor();
    await view.call('open', { conversation: id });
    await page.locator('.bubble', { hasText: 'It left an hour ago.' }).waitFor();
    await view.unreadIs(0);
    await page.getByRole('button', { name: t.back, exact: true }).tap();
    await page
      .locator('.prose')
      .or(page.getByRole('heading', { name: t.greeting }))
      .first()
      .waitFor();
    await view.call('open', { conversation: '1' });
    await page.getByText(t.threadGone).waitFor();
    expect(await page.locator('.bubble').count()).toBe(0);
    await page.getByRole('button', { name: t.close, exact: true }).tap();
    await view.hears('close');

    await view.call('logout');
    await expect.poll(() => page.getByText('It left an hour ago.').count()).toBe(0);
  });

  test('a link leads straight to an article, a conversation of somebody else leads nowhere', async ({
    cast,
  }) => {
    cast.tolerate(/status of 404/);
    const floor = await Floor.clear(sqlite);
    const other = await cast.customer(sqlite, 'en');
    await other.begin('Mine alone.');
    const { id } = await floor.conversation('Mine alone.');
    const page = await cast.page({ ...phone, locale: 'en' });
    await page.goto(`${sqlite.url}/app#article=deposits/deposit-not-credited`);
    await page.locator('.prose').waitFor();
    await page.goto('about:blank');
    await page.goto(`${sqlite.url}/app#conversation=${id}`);
    await page.getByText(t.threadGone).or(page.getByText(t.threadFailed)).first().waitFor();
    expect(await page.locator('body').innerText()).not.toContain('Mine alone.');
  });

  test('on this device one is told by push of an answer, and not what it says', async ({ cast }) => {
    const floor = await Floor.clear(sqlite);
    const pushed: { headers: IncomingHttpHeaders; bytes: number }[] = [];
    // Where a browser maker's push service would be.
    const service = createServer((request, answer) => {
      let bytes = 0;
      request.on('data', (part: Buffer) => (bytes += part.length));
      request.on('end', () => {
        pushed.push({ headers: request.headers, bytes });
        answer.writeHead(201).end();
      });
    });
    await new Promise<void>((done) => service.listen(0, '127.0.0.1', done));
    try {
      const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/push/one`;
      const keys = createECDH('prime256v1');
      keys.generateKeys();
      const page = await cast.page({ ...phone, locale: 'en', permissions: ['notifications'] });
      await page.addInitScript(
        (subscription) => {
          let now: object | null = null;
          const asked = {
            ...subscription,
            toJSON: () => subscription,
            unsubscribe: () => Promise.resolve(!(now = null)),
          };
          PushManager.prototype.subscribe = () =>
            Promise.resolve((now = asked) as unknown as PushSubscription);
          PushManager.prototype.getSubscription = () => Promise.resolve(now as PushSubscription | null);
        },
        {
          endpoint,
          keys: { p256dh: keys.getPublicKey('base64url'), auth: randomBytes(16).toString('base64url') },
        },
      );
      await page.goto(`${sqlite.url}/app#scenario=how_to`);
      await page.getByLabel(t.composerLabel).fill('Tell me when you know.');
      await page.getByRole('button', { name: t.send, exact: true }).tap();
      await page.getByText(new RegExp(`· (${t.sent}|${t.read})`)).waitFor();
      const { id, number } = await floor.conversation('Tell me when you know.');
      await page.goto('about:blank');
      await page.goto(`${sqlite.url}/app`);
      await page.getByRole('button', { name: w.push }).tap();
      await page.getByText(w.pushOn).waitFor();

      // The worker of this very page shows a notice, with nothing of what was written in it.
      const devtools = await page.context().newCDPSession(page);
      const registration = new Promise<string>((found) =>
        devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const [one] = registrations;
          if (one !== undefined) found(one.registrationId);
        }),
      );
      await devtools.send('ServiceWorker.enable');
      await devtools.send('ServiceWorker.deliverPushMessage', {
        origin: sqlite.url,
        registrationId: await registration,
        data: JSON.stringify({ conversation: id, number, locale: 'en', body: 'SECRET' }),
      });
      const notices = () =>
        page.evaluate(async () => {
          const here = await navigator.serviceWorker.getRegistration('/app/');
          return ((await here?.getNotifications()) ?? []).map(
            (n) => `${n.title}|${n.body ?? ''}|${n.tag ?? ''}`,
          );
        });
      await expect.poll(notices).toHaveLength(1);
      const [notice] = await notices();
      expect(notice).toContain(number);
      expect(notice).not.toContain('SECRET');

      await page.goto('about:blank');
      await floor.answer('mei', id, 'Now we know.');
      await expect.poll(() => pushed.length, { timeout: 20_000 }).toBe(1);
      expect(pushed[0]?.headers['authorization']).toMatch(/^vapid t=/);
      expect(pushed[0]?.headers['content-encoding']).toBe('aes128gcm');
      expect(pushed[0]?.bytes).toBeGreaterThan(80);
    } finally {
      service.closeAllConnections();
      service.close();
    }
  });
});
