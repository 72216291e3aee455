// The widget as a guest on somebody else's page: it does what it is told in the documented way, and nothing else.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { Veridesk as Command } from '../widget/veridesk';
import { sqlite, test } from './stage/cast';
import { phone } from './stage/customer';
import { Floor } from './stage/floor';
import { outside } from './stage/words';

interface HostPage {
  Veridesk: Command;
  heard: [event: string, detail: unknown][];
}
/** From now on everything that the loader tells the page is kept. */
const listen = (page: Page) =>
  page.evaluate(() => {
    const host = window as unknown as HostPage;
    host.heard = [];
    for (const event of ['ready', 'open', 'close', 'unread', 'conversation', 'error'] as const)
      host.Veridesk('on', event, (detail) => host.heard.push([event, detail]));
  });
const heard = (page: Page) => page.evaluate(() => (window as unknown as HostPage).heard);
const events = async (page: Page) => (await heard(page)).map(([event]) => event);
const call = (page: Page, ...command: unknown[]) =>
  page.evaluate((c) => {
    (window as unknown as { Veridesk: (...c: unknown[]) => void }).Veridesk(...c);
  }, command);

/** Somebody else's page. */
async function serve(html: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(html));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    close: () => new Promise((done) => (server.closeAllConnections(), server.close(() => done()))),
  };
}

describe('the page around it', () => {
  test('opens, points, begins, listens and brings its own button', async ({ cast }) => {
    const floor = await Floor.clear(sqlite);
    const customer = await cast.customer(sqlite, 'en');
    const { page, widget, t } = customer;
    await customer.visitExchange();
    await customer.launcher.waitFor();
    await listen(page);
    await call(page, 'open');
    await widget.getByRole('heading', { name: t.greeting }).waitFor();
    await call(page, 'close');
    await customer.launcher.waitFor();
    await expect
      .poll(async () => (await events(page)).filter((e) => e !== 'unread'))
      .toEqual(['ready', 'open', 'close']);
    await call(page, 'showArticle', 'deposits/deposit-not-credited');
    await widget.locator('.prose').waitFor();
    await call(page, 'newConversation', { scenario: 'transfer_trouble', text: 'Order 4711' });
    await expect.poll(() => customer.box.inputValue()).toBe('Order 4711');
    await customer.write('Order 4711 hangs.');
    await customer.sentAll();
    const [, begun] = (await heard(page)).find(([event]) => event === 'conversation') ?? [];
    const { id, scenario, ...rest } = begun as { id: string; scenario: string };
    expect(scenario).toBe('transfer_trouble');
    expect(JSON.stringify(rest)).not.toContain('4711');

    await call(page, 'boot', { hideButton: true, theme: 'light', color: '#7a3cc8', radius: 20 });
    await call(page, 'close');
    await expect.poll(() => customer.launcher.isVisible()).toBe(false);
    await floor.answer('mei', id, 'We look at it.');
    await expect
      .poll(async () => (await heard(page)).filter(([event]) => event === 'unread').at(-1)?.[1])
      .toEqual({ count: 1 });
    await page.evaluate(() => {
      const own = document.createElement('button');
      own.textContent = 'Ask us';
      own.addEventListener('click', () => (window as unknown as HostPage).Veridesk('open'));
      document.querySelector('main')?.prepend(own);
    });
    await page.getByRole('button', { name: 'Ask us' }).click();
    await customer.sees('We look at it.');
    await expect
      .poll(async () => (await heard(page)).filter(([event]) => event === 'unread').at(-1)?.[1])
      .toEqual({ count: 0 });
    expect(await page.context().cookies()).toEqual([]);
  });

  test('hostile messages of the page, and of foreign windows, change nothing', async ({ cast }) => {
    const customer = await cast.customer(sqlite, 'en');
    const stranger = await serve('<!doctype html><title>foreign</title>');
    try {
      // The stranger opens the exchange's page, and so can write to it.
      const { page: opener, widget, t } = customer;
      await opener.goto(stranger.url);
      const opened = opener.waitForEvent('popup');
      await opener.evaluate(
        (url) => Object.assign(window, { victim: window.open(url) }),
        `${sqlite.exchange}/en`,
      );
      const page = await opened;
      const victim = page.frameLocator('iframe');
      const contact = page.getByRole('button', { name: outside.en.contact });
      await contact.click();
      const home = victim.getByRole('heading', { name: t.greeting });
      await home.waitFor();
      await listen(page);
      const inside = page.frames().find((f) => f.url().includes('/widget/index.html'));
      const looks = () =>
        inside?.evaluate(() => {
          const { lang, dir, dataset } = document.documentElement;
          return `${lang} ${dir} ${dataset['theme']} ${document.body.innerHTML}`;
        });
      const radius = () => inside?.evaluate(() => document.documentElement.style.cssText);
      await victim.locator('.articles .list a').first().waitFor();
      const before = await looks();
      const asked: string[] = [];
      page.on('request', (r) => asked.push(`${r.method()} ${new URL(r.url()).pathname}`));

      await page.evaluate((origin) => {
        const roots = [...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ?? []);
        const frame = roots.map((r) => r.querySelector('iframe')).find(Boolean)?.contentWindow;
        for (const message of [
          ...[
            null,
            1,
            'open',
            [],
            {},
            { type: 'logout' },
            { veridesk: 2, type: 'open', scenario: 'feedback' },
          ],
          ...[
            { veridesk: '1', type: 'open', write: true },
            { veridesk: 1, type: '<img src=x onerror=alert(1)>' },
          ],
          { veridesk: 1, type: 'boot', color: 'red;background:url(//evil)', font: 'url(//evil)', radius: -5 },
          { veridesk: 1, type: 'boot', theme: { toString: 'dark' }, locale: { evil: 1 } },
          {
            veridesk: 1,
            type: 'open',
            article: '../../console',
            conversation: '1 OR 1=1',
            scenario: '__proto__',
          },
          { veridesk: 1, type: 'open', article: 'javascript:alert(1)', conversation: { id: 1 }, text: {} },
          { veridesk: 1, type: 'token', id: 1, token: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' },
          { veridesk: 1, type: 'token', id: { $gt: 0 }, token: 'x'.repeat(1_000_000) },
        ])
          frame?.postMessage(message, origin);
      }, sqlite.url);
      const reached = await opener.evaluate(() => {
        const { victim } = window as unknown as { victim: Window };
        const types = [
          'unread',
          'close',
          'token',
          'conversation',
          'error',
          'ready',
          'open',
          'logout',
          'boot',
        ];
        for (const type of types)
          for (const to of [victim, ...Array.from({ length: victim.length }, (_, i) => victim[i] as Window)])
            to.postMessage({ veridesk: 1, type, count: 77, id: 1, write: true, detail: { id: '1' } }, '*');
        return victim.length;
      });
      // The frame is in a shadow root: a stranger cannot even name it.
      expect(reached).toBe(0);
      // What was told in order has arrived once a later, honest word has.
      await call(page, 'boot', { radius: 3 });
      await expect.poll(radius).toMatch(/radius/);
      expect(await looks()).toBe(before);
      expect((await events(page)).filter((e) => e !== 'ready')).toEqual([]);
      expect(await page.getByRole('button', { name: outside.en.close }).isVisible()).toBe(true);
      expect(asked.filter((a) => !a.startsWith('GET'))).toEqual([]);
      expect(await widget.locator('.bubble').count()).toBe(0);
    } finally {
      await stranger.close();
    }
  });

  test('a page that is not on the list cannot embed it', async ({ cast }) => {
    cast.tolerate(
      /frame-ancestors|Refused to frame|violates the following Content Security Policy|chrome-error/,
    );
    const stranger = await serve(
      `<!doctype html><html lang="en"><title>x</title><script src="${sqlite.url}/widget/loader.js"></script>`,
    );
    try {
      const page = await cast.page({ locale: 'en' });
      const asked: string[] = [];
      page.on('request', (r) => asked.push(new URL(r.url()).pathname));
      await page.goto(stranger.url);
      await page.getByRole('button', { name: outside.en.contact }).click();
      await expect.poll(() => page.frames()[1]?.url()).toMatch(/^chrome-error:/);
      expect(asked.filter((p) => p.startsWith('/api/'))).toEqual([]);
    } finally {
      await stranger.close();
    }
  });

  test('where the browser keeps nothing at all one can chat, and no cookie is set', async ({ cast }) => {
    await Floor.clear(sqlite);
    const agent = await cast.present(sqlite, 'mei');
    const customer = await cast.customer(sqlite, 'en', phone);
    await customer.page.context().addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
        Object.defineProperty(window, name, {
          get: () => {
            throw new DOMException('denied', 'SecurityError');
          },
        });
    });
    await customer.begin('Strictly private.');
    await agent.open('Strictly private.');
    await agent.reply('As you wish.');
    await customer.threadIs('Strictly private.', 'As you wish.');
    expect(await customer.page.context().cookies()).toEqual([]);
  });

  test('on a page written from right to left it stands at the left and stays itself', async ({ cast }) => {
    for (const size of [{}, phone]) {
      const customer = await cast.customer(sqlite, 'en', size);
      const { page, widget, t } = customer;
      await customer.visitExchange();
      await customer.launcher.waitFor();
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await call(page, 'boot', {});
      expect((await customer.launcher.boundingBox())?.x).toBeLessThan(60);
      await customer.openWidget();
      await widget.getByRole('heading', { name: t.greeting }).waitFor();
      expect(await widget.locator('html').getAttribute('dir')).not.toBe('rtl');
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
  });
});
