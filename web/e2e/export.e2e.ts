// The exported help center must help from a plain file server when everything else is down: every page, link,
// language and search, without a request to anywhere else.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server as FileServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { violations } from './stage/axe';
import { sqlite, test, type Cast } from './stage/cast';
import { ownServer } from './stage/own';

const types: Record<string, string> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.xml': 'application/xml',
  '.webmanifest': 'application/manifest+json',
};

/** What any web server does with a folder below a path, and nothing else. */
function serve(folder: string, below: string, seen: string[]): FileServer {
  return createServer((request, response) => {
    seen.push(request.url ?? '');
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    if (pathname === '/frame')
      return response
        .setHeader('Content-Type', 'text/html')
        .end('<!doctype html><link rel="icon" href="data:,">');
    const name = normalize(pathname.slice(below.length) || 'index.html');
    readFile(join(folder, pathname.startsWith(below) ? name : '../nothing'))
      .then((body) => {
        response.setHeader('Content-Type', types[extname(name)] ?? '');
        response.setHeader('Cache-Control', 'max-age=60').end(body);
      })
      .catch(() => response.writeHead(404).end());
  });
}

/** What the live site answers, to compare with. */
const asked: { locale: string; query: string; hits: string[] }[] = [
  ...[
    'deposit missing',
    'withdrawls pending',
    'lost 2fa device',
    'what do you never ask me for',
    'api signature wrong',
  ].map((q) => ['en', q]),
  ...['提币未到账', '充值選錯網路', '2FA 丢了怎么办', '身份认证被拒', 'API 签名'].map((q) => ['zh-CN', q]),
].map(([locale, query]) => ({ locale: locale as string, query: query as string, hits: [] }));
let folder = '';
let site = '';
let printed = '';
let files: FileServer;
const requests: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'veridesk-export-'));
  const { server, end } = await ownServer(sqlite, { demo: true });
  try {
    printed = await server.command('site', 'export', join(folder, 'help'));
    for (const a of asked) {
      const answer = await fetch(`${server.url}/${a.locale}/search?q=${encodeURIComponent(a.query)}`);
      const list = /<ol class="list hits">.*?<\/ol>/s.exec(await answer.text())?.[0] ?? '';
      a.hits = [
        ...list.matchAll(
          /href="\/[^/]+\/([^"]+)".*?<span class="row-title">(.*?)<\/span><span class="row-text">(.*?)<\/span>/gs,
        ),
      ].map(([, path, title, text]) => `${path}.html ${title} ${text}`);
    }
  } finally {
    await end(); // nothing of the desk is left
  }
  files = serve(join(folder, 'help'), '/some/help/', requests);
  await new Promise<void>((done) => files.listen(0, '127.0.0.1', done));
  site = `http://127.0.0.1:${(files.address() as AddressInfo).port}/some/help/`;
});

afterAll(async () => {
  await new Promise((done) => files?.close(done));
  await rm(folder, { recursive: true, force: true });
});

/** A page that may ask the file server for files and nobody for anything else. */
async function reader(cast: Cast, options: Parameters<Cast['page']>[0] = {}): Promise<Page> {
  const page = await cast.page(options);
  page.on('request', (request) => {
    if (!request.url().startsWith(site) && !/\/frame$|^data:/.test(request.url()))
      cast.problems.push(`a request to ${request.url()}`);
  });
  return page;
}

async function search(page: Page, query: string): Promise<void> {
  await page.locator('form[role=search] input').first().fill(query);
  await page.locator('form[role=search] input').first().press('Enter');
  await page.waitForURL((url) => decodeURIComponent(url.hash) === `#q=${query}`);
}

const first = (page: Page) => page.locator('ol.hits a').first();

describe('the exported help center', () => {
  test('every page opens and every link leads somewhere', { timeout: 180_000 }, async ({ cast }) => {
    // All of them in a frame of one page: hundreds of navigations of their own would take a minute.
    const page = await reader(cast);
    await page.goto(new URL('/frame', site).href);
    const visited = await page.evaluate(async (start) => {
      const frame = document.createElement('iframe');
      document.body.append(frame);
      const pages: { url: string; ids: string[]; links: string[]; iron: number; broken: string[] }[] = [];
      const open = [start];
      const known = new Set(open);
      for (let url = open.pop(); url !== undefined; url = open.pop()) {
        await new Promise((done) => {
          frame.onload = done;
          frame.src = url as string;
        });
        const there = frame.contentDocument as Document;
        const links = [...there.querySelectorAll('a')].map((a) => a.href);
        pages.push({
          url: there.URL.replace(/#.*/, ''),
          ids: [...there.querySelectorAll('[id]')].map((e) => e.id),
          links,
          iron: there.querySelector('.iron')?.textContent?.length ?? 0,
          broken: [...there.images].filter((i) => i.complete && i.naturalWidth === 0).map((i) => i.src),
        });
        for (const link of links) {
          const target = link.replace(/#.*/, '');
          if (!target.startsWith(start) || known.has(target)) continue;
          known.add(target);
          open.push(target);
        }
      }
      return pages;
    }, site);
    const ids = new Map<string, Set<string>>();
    const anchors: [from: string, to: string][] = [];
    for (const { url, links, iron, broken, ...rest } of visited) {
      expect(iron, `the rule on ${url}`).toBeGreaterThan(20); // a page that is not there has none
      expect(broken, url).toEqual([]);
      ids.set(url, new Set(rest.ids));
      for (const link of links) {
        if (!link.startsWith(new URL(site).origin)) continue;
        expect(link.startsWith(site), `${url} links to ${link}`).toBe(true);
        if (link.includes('#')) anchors.push([url, link]);
      }
    }
    const wrong = anchors.filter(([, to]) => {
      const [target, hash] = to.split('#') as [string, string];
      return !hash.startsWith('q=') && !ids.get(target)?.has(decodeURIComponent(hash));
    });
    expect(wrong).toEqual([]);
    expect(printed).toContain(`${ids.size + 1} pages`); // 404.html is linked by nobody
  });

  test('weighs little', async () => {
    const html = await readFile(join(folder, 'help/en/a/deposits/deposit-not-credited.html'));
    const links = [...html.toString().matchAll(/(?:src|href)="((?:\.\.\/)+assets\/[^"]+)"/g)];
    const loaded = await Promise.all(
      links.map(([, link]) => readFile(join(folder, 'help', (link as string).replace(/^(\.\.\/)+/, '')))),
    );
    const size = [html, ...loaded].reduce((n, body) => n + gzipSync(body).length, 0);
    expect(links).toHaveLength(2);
    expect(size).toBeLessThan(30_000);
    for (const [, kilobytes] of printed.matchAll(/(\d+) KB gzip/g))
      expect(Number(kilobytes)).toBeLessThan(150);
  });

  test('the front page leads to the reader’s language, and the switch stays on the article', async ({
    cast,
  }) => {
    const page = await reader(cast, { locale: 'zh-CN' });
    await page.goto(site);
    await page.waitForURL(`${site}zh-CN/index.html`);
    await page.goto(`${site}zh-CN/a/deposits/deposit-not-credited.html`);
    for (const locale of ['zh-TW', 'en', 'zh-CN']) {
      await page.locator('details.menu summary').click();
      await page.locator(`.menu a[lang=${locale}]`).click();
      await page.waitForURL(`${site}${locale}/a/deposits/deposit-not-credited.html`);
      expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    }
  });

  test('finds in English: inflected, misspelt, by a synonym', async ({ cast }) => {
    const page = await reader(cast, { locale: 'en' });
    await page.goto(`${site}en/a/security/is-it-really-us.html`);
    await search(page, 'withdrawals pending');
    expect(page.url().startsWith(`${site}en/search.html#`)).toBe(true);
    expect(await first(page).getAttribute('href')).toBe('a/withdrawals/withdrawal-pending.html');
    expect(await first(page).locator('mark').count()).toBeGreaterThan(0);
    await search(page, 'verfication refused');
    await page.locator('[data-find-meant] a', { hasText: 'verification refused' }).waitFor();
    expect(await first(page).getAttribute('href')).toBe('a/identity/verification-refused.html');
    await search(page, 'google authenticator gone');
    expect(
      await page.locator('ol.hits a').evaluateAll((all) => all.map((a) => a.getAttribute('href'))),
    ).toContain('a/security/lost-2fa-device.html');
    await page.locator('ol.hits a').first().click();
    await page.locator('article.prose').waitFor();
    await page.goBack();
    await first(page).waitFor(); // the results are there again
    await search(page, 'xyzzy qwrtz');
    await page.locator('[data-find-none] .scenarios').waitFor();
  });

  test('finds in Chinese: simplified, traditional, mixed', async ({ cast }) => {
    const page = await reader(cast, { locale: 'zh-CN' });
    await page.goto(`${site}zh-CN/index.html`);
    await search(page, '提现一直没到账');
    const found = await first(page).getAttribute('href');
    expect(found).toMatch(/^a\/withdrawals\//);
    await search(page, '提現一直沒到賬');
    expect(await first(page).getAttribute('href')).toBe(found);
    await search(page, '没填 ｍｅｍｏ');
    expect(await first(page).getAttribute('href')).toBe('a/deposits/missing-memo-or-tag.html');
    await page.locator('details.menu summary').click();
    await page.locator('.menu a[lang=zh-TW]').click(); // the query goes along
    await page.waitForURL(/zh-TW\/search\.html#q=/);
    expect(await first(page).getAttribute('href')).toBe('a/deposits/missing-memo-or-tag.html');
  });

  test('finds, ranks and quotes as the live site does', async ({ cast }) => {
    const page = await reader(cast);
    for (const { locale, query, hits } of asked) {
      await page.goto(`${site}${locale}/search.html#q=${encodeURIComponent(query)}`);
      await first(page).waitFor();
      const found = await page
        .locator('ol.hits a')
        .evaluateAll((all) =>
          all.map((a) =>
            [
              a.getAttribute('href'),
              ...['title', 'text'].map((n) => a.querySelector(`.row-${n}`)?.innerHTML),
            ].join(' '),
          ),
        );
      const plain = (text: string) => text.replaceAll('&#34;', '"').replaceAll('&#39;', "'");
      expect(found.map(plain), query).toEqual(hits.map(plain));
      expect(hits.length, query).toBeGreaterThan(0);
    }
  });

  test('what is typed reaches no server', async ({ cast }) => {
    const page = await reader(cast, { locale: 'en' });
    const secret = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
    for (const javaScriptEnabled of [true, false]) {
      const other = javaScriptEnabled ? page : await reader(cast, { javaScriptEnabled });
      await other.goto(`${site}en/index.html`);
      await other.locator('main form[role=search] input').fill(secret);
      await other.locator('main form[role=search] button').click();
      await other.waitForURL(/search\.html/);
      await other.locator('[data-find-title]').waitFor();
    }
    expect(requests.filter((r) => /legal|winner|\?.+/.test(decodeURIComponent(r)))).toEqual([]);
  });

  test('reads without JavaScript, and lists every article instead of searching', async ({ cast }) => {
    const page = await reader(cast, { javaScriptEnabled: false });
    await page.goto(`${site}zh-CN/search.html`);
    expect(await page.locator('[data-find-all] li').count()).toBeGreaterThan(30);
    await page.locator('[data-find-all] li a').first().click();
    expect((await page.locator('article.prose').innerText()).length).toBeGreaterThan(100);
    await page.locator('details.menu summary').click();
    await page.locator('.menu a[lang=en]').click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('form.theme').count()).toBe(0); // nothing that does nothing
  });

  test('the theme follows the system, then the reader', async ({ cast }) => {
    const page = await reader(cast, { colorScheme: 'dark' });
    const dark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.goto(`${site}en/index.html`);
    const before = await dark();
    await page.locator('form.theme .to-light').click();
    expect(await dark()).not.toBe(before);
    await page.goto(`${site}en/contact.html`);
    await page.locator('html[data-theme=light]').waitFor();
  });

  for (const locale of ['en', 'zh-CN'])
    test(`is accessible, ${locale}`, async ({ cast }) => {
      const page = await reader(cast, { viewport: { width: 360, height: 740 } });
      for (const name of [
        'search.html',
        'search.html#q=memo',
        'contact.html',
        'a/deposits/missing-memo-or-tag.html',
      ]) {
        await page.goto('about:blank');
        await page.goto(`${site}${locale}/${name}`);
        expect(await violations(page), name).toEqual([]);
      }
    });

  test('opens from a disk', async ({ cast }) => {
    const page = await cast.page({ locale: 'en' });
    cast.tolerate(/webmanifest|manifest/i);
    await page.goto(`file://${folder}/help/index.html`);
    await search(page, 'memo');
    expect(await first(page).getAttribute('href')).toBe('a/deposits/missing-memo-or-tag.html');
    await first(page).click();
    await page.locator('article.prose').waitFor();
  });
});
