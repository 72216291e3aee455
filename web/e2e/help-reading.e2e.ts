// Somebody with a problem finds the answer without asking, in their language, on any device; and reaches a person when
// there is none.
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { ArticleFeedback } from '../sdk';
import { Api } from './stage/api';
import { onEachEngine, sqlite, test } from './stage/cast';
import { pressUntil } from './stage/keys';
import { Reader, readingLocales } from './stage/reader';
import { locales, widgetWords } from './stage/words';

const say = {
  en: { typed: 'deposit not cr', comment: 'Step 3 does not say how long.' },
  'zh-CN': { typed: '充值没到', comment: '第三步没有说要等多久。' },
} as const;

/** A node hears of a change within a second; a busy machine needs more. */
const patience = { timeout: 5_000, interval: 100 };

/** Tab until the focus is on what the selector finds. */
const tabTo = (page: Page, selector: string) =>
  pressUntil(page, 'Tab', () => page.evaluate((s) => document.activeElement?.matches(s) === true, selector));

describe('somebody who looks for help', () => {
  for (const locale of locales)
    onEachEngine(
      `finds, reads, says what is missing and asks a person, with the keyboard only, ${locale}`,
      async (cast, engine) => {
        const { typed, comment } = say[locale];
        const reader = await Reader.arrive(cast, engine, locale);
        const { page } = reader;
        await reader.open();
        await tabTo(page, 'main input[name=q]');
        await page.keyboard.type(typed);
        const options = page.getByRole('option');
        await options.first().waitFor();
        const chosen = page.getByRole('option', { selected: true });
        await page.keyboard.press('ArrowUp');
        expect(await chosen.innerText()).toBe(await options.last().innerText());
        await page.keyboard.press('ArrowDown');
        expect(await chosen.count()).toBe(0);
        await page.keyboard.press('ArrowDown');
        const wanted = await chosen.locator('span').first().innerText();
        await page.keyboard.press('Enter');
        await page.waitForURL(`${engine.url}/${locale}/a/deposits/*`);
        expect(await reader.title).toBe(wanted);

        await tabTo(page, 'nav.toc a');
        const section = await page.locator(':focus').innerText();
        await page.keyboard.press('Enter');
        const heading = page.locator('h2:target, h3:target');
        expect(await heading.innerText()).toBe(section);
        await tabTo(page, '.vote summary');
        await page.keyboard.press('Enter');
        await tabTo(page, '.vote input[type=radio]');
        await page.keyboard.press('ArrowDown');
        await tabTo(page, '.vote textarea');
        await page.keyboard.type(comment);
        await tabTo(page, '.vote-form button');
        await page.keyboard.press('Enter');
        await page.locator('.vote-thanks').getByText(/./).first().waitFor();
        expect(await page.locator('.vote-ask').isVisible()).toBe(false);
        await expect
          .poll(async () => {
            const kai = await Api.as(engine, 'kai@meridian.example');
            const { feedback } = await kai.get<{ feedback: ArticleFeedback[] }>(
              `/help/feedback?locale=${locale}&helpful=false`,
            );
            return feedback.find((f) => f.comment === comment);
          }, patience)
          .toMatchObject({ title: wanted, helpful: false, reason: 'wrong', comment });

        await tabTo(page, '.vote-thanks [data-chat]');
        await page.keyboard.press('Enter');
        await page.frameLocator('iframe').getByText(widgetWords[locale].contact).first().waitFor();
        await page.reload();
        await page.locator('.related .row').first().click();
        await page.waitForURL((url) => !url.hash && url.pathname.includes('/a/'));
        expect(await reader.title).not.toBe(wanted);
        const category = page.locator('.crumbs a').last();
        const address = await category.getAttribute('href');
        await category.click();
        await page.waitForURL(`${engine.url}${address}`);
        expect(await page.locator('main .list .row').count()).toBeGreaterThan(3);
      },
    );

  for (const locale of readingLocales)
    test(`can do all of it without JavaScript, ${locale}`, async ({ cast }) => {
      const reader = await Reader.arrive(cast, sqlite, locale, { javaScriptEnabled: false });
      const { page } = reader;
      await page.goto(sqlite.url);
      expect(await page.locator('html').getAttribute('lang')).toBe(locale);
      await reader.search(locale === 'en' ? 'deposit not credited' : '充值没到账');
      await page.locator('ol.hits a').first().click();
      expect((await reader.prose.innerText()).length).toBeGreaterThan(200);
      const question = await page.locator('#vote-title').innerText();
      await page.locator('.vote summary').click();
      await page.locator('.vote input[value=not_answered]').check();
      await page.locator('.vote textarea').fill('—');
      await page.locator('.vote-form button').click();
      await page.waitForURL(/\?voted=1#vote$/);
      expect(await page.getByText(question).count()).toBe(0);
      expect(await page.locator('.vote-thanks a').getAttribute('href')).toContain('/app');
      await page.locator('.toc a').first().click();
      expect(await page.locator('h2:target').isVisible()).toBe(true);
      await reader.switchTo('en');
      expect(await reader.title).toMatch(/deposit/i);
    });
});

describe('the search', () => {
  test('finds what was meant: misspelt, by another word, in other characters', async ({ cast }) => {
    const { page } = await Reader.arrive(cast, sqlite, 'en');
    const cases = [
      ['en', 'withdrawl pendng', 'withdrawals/withdrawal-pending'],
      ['en', 'top-up not credited', 'deposits/deposit-not-credited'],
      ['en', 'google authenticator lost', 'security/lost-2fa-device'],
      ['zh-CN', '提现一直没到账', 'withdrawals/withdrawal-pending'],
      ['zh-CN', '提現一直沒到賬', 'withdrawals/withdrawal-pending'],
      ['zh-TW', '忘記填寫 memo', 'deposits/missing-memo-or-tag'],
      ['zh-CN', 'ＵＳＤＴ 充值 ｍｅｍｏ', 'deposits/missing-memo-or-tag'],
    ] as const;
    for (const [locale, query, wanted] of cases) {
      await page.goto(`${sqlite.url}/${locale}/search?q=${encodeURIComponent(query)}`);
      const links = await page
        .locator('ol.hits a')
        .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(links.slice(0, 3), query).toContain(`/${locale}/a/${wanted}`);
      expect(await page.locator('ol.hits li').first().locator('mark').count(), query).toBeGreaterThan(0);
      expect(await page.locator('form[role=search] input').first().inputValue()).toBe(query);
    }
    // The customer says 提现 where the exchange says 提币.
    await page.goto(`${sqlite.url}/zh-CN/search?q=${encodeURIComponent('提现')}`);
    expect(await page.locator('ol.hits mark').allInnerTexts()).toContain('提币');
    await page.goto(`${sqlite.url}/en/search?q=withdrawl`);
    await page.locator('.meant a').click();
    await page.waitForURL(/q=withdrawal$/);
    expect(await page.locator('.meant').count()).toBe(0);
  });

  for (const locale of locales)
    test(`that found nothing takes the question along to a person, ${locale}`, async ({ cast }) => {
      const query = locale === 'en' ? 'qwrtz flumbus' : 'qwrtz 蘷躞彳亍';
      const customer = await cast.customer(sqlite, locale);
      await customer.page.goto(`${sqlite.url}/${locale}/search?q=${encodeURIComponent(query)}`);
      expect(await customer.page.getByRole('heading', { level: 1 }).innerText()).toContain(query);
      expect(await customer.page.locator('ol.hits').count()).toBe(0);
      await customer.page.locator('main a[data-chat][data-text]').last().click();
      await expect.poll(() => customer.box.inputValue()).toBe(query);
      await customer.page.reload();
      await customer.page.locator('main a[data-chat=how_to]').click();
      await expect.poll(() => customer.box.inputValue()).toBe(query);
    });
});

describe('the language switch', () => {
  test('stays on the article in all three, and keeps the query', async ({ cast }) => {
    const reader = await Reader.arrive(cast, sqlite, 'en');
    await reader.open('a/deposits/deposit-not-credited');
    const titles = new Set<string>();
    for (const locale of ['zh-CN', 'zh-TW', 'en'] as const) {
      await reader.switchTo(locale);
      expect(reader.page.url()).toBe(`${sqlite.url}/${locale}/a/deposits/deposit-not-credited`);
      titles.add(await reader.title);
    }
    expect(titles.size).toBe(3);
    await reader.search('memo');
    await reader.switchTo('zh-TW');
    expect(new URL(reader.page.url()).searchParams.get('q')).toBe('memo');
  });

  test('says so where an article is not translated, and leads to what there is', async ({ cast }) => {
    cast.tolerate(/status of 404.*\/zh-(CN|TW)\/a\//);
    const kai = await Api.as(sqlite, 'kai@meridian.example');
    const title = 'Only in English so far';
    await kai.write('only-in-english', { en: { title, body: 'Read me in English.' } });
    const reader = await Reader.arrive(cast, sqlite, 'en');
    await expect.poll(() => reader.open('a/deposits/only-in-english'), patience).toBe(200);
    for (const locale of ['zh-CN', 'zh-TW'] as const) {
      await reader.switchTo(locale);
      const other = reader.page.locator('main a[hreflang=en]');
      expect(await other.innerText()).toContain(title);
      expect(await reader.title).toMatch(/[一-鿿]/);
      await other.click();
      await reader.prose.getByText('Read me in English.').waitFor();
    }
  });
});

describe('every page', () => {
  const pages = ['', 'c/deposits', 'a/deposits/deposit-not-credited', 'search?q=memo', 'contact', 'nowhere'];

  onEachEngine('shows what is announced, and the rule that protects customers', async (cast, engine) => {
    cast.tolerate(/status of 404.*\/nowhere/);
    const kai = await Api.as(engine, 'kai@meridian.example');
    const { id } = await kai
      .post<{ announcement: { id: string } }>('/announcements', {
        level: 'incident',
        published: true,
        texts: {
          en: { title: 'Sign-in is down', body: 'We are on it.' },
          'zh-CN': { title: '登录暂时不可用', body: '我们正在处理。' },
        },
      })
      .then(({ announcement }) => announcement);
    for (const [locale, title] of [
      ['en', 'Sign-in is down'],
      ['zh-CN', '登录暂时不可用'],
      ['zh-TW', '登入暫時不可用'],
    ] as const) {
      const reader = await Reader.arrive(cast, engine, locale, { javaScriptEnabled: locale !== 'zh-CN' });
      await expect
        .poll(async () => {
          await reader.open();
          return (await reader.notices.allInnerTexts()).join();
        }, patience)
        .toContain(title);
      for (const path of engine === sqlite ? pages : ['contact']) {
        await reader.open(path);
        const incident = reader.notices.filter({ hasText: title });
        expect(await incident.count(), path).toBe(1);
        expect(await incident.locator('button').count(), 'an incident cannot be hidden').toBe(0);
        expect((await reader.page.locator('.iron').innerText()).length, path).toBeGreaterThan(10);
      }
    }
    const reader = await Reader.arrive(cast, engine, 'en');
    await reader.open();
    await reader.notices.locator('button').first().click();
    await reader.open('contact');
    expect(await reader.notices.count(), 'what was hidden stays hidden').toBe(1);
    const { announcements } = await kai.get<{ announcements: { id: string; revision: number }[] }>(
      '/announcements',
    );
    await kai.remove(`/announcements/${id}?revision=${announcements.find((a) => a.id === id)?.revision}`);
    await expect
      .poll(async () => {
        await reader.open();
        return reader.notices.count();
      }, patience)
      .toBe(0);
  });

  test('that does not exist searches for what its address says', async ({ cast }) => {
    cast.tolerate(/status of 404/);
    const reader = await Reader.arrive(cast, sqlite, 'en');
    expect(await reader.open('a/deposits/withdrawal-pendng')).toBe(404);
    const box = reader.page.locator('main input[name=q]');
    expect(await box.inputValue()).toBe('withdrawal pendng');
    expect(await reader.page.locator('main .row-title').first().innerText()).toMatch(/withdrawal/i);
    await box.press('Enter');
    await reader.page.waitForURL(/\/en\/search\?q=withdrawal/);
    expect(await reader.found()).toContain('withdrawals/withdrawal-pending');
  });

  test('is about the article when it is printed', async ({ cast }) => {
    const reader = await Reader.arrive(cast, sqlite, 'en', { colorScheme: 'dark' });
    await reader.open('a/deposits/deposit-not-credited');
    await reader.page.emulateMedia({ media: 'print' });
    for (const gone of ['.tools', '.search', '.vote', '.talk', '.related', '.toc', '.bottom'])
      expect(await reader.page.locator(gone).first().isVisible(), gone).toBe(false);
    for (const there of ['h1', 'article.prose', '.iron'])
      expect(await reader.page.locator(there).first().isVisible(), there).toBe(true);
    const ink = await reader.page.evaluate(() => getComputedStyle(document.body).color);
    expect(ink, 'black on white, also from a dark screen').toBe('rgb(0, 0, 0)');
  });
});

describe('who we are', () => {
  for (const locale of readingLocales)
    test(`the contact page lists every channel and how to check it, ${locale}`, async ({ cast }) => {
      const reader = await Reader.arrive(cast, sqlite, locale);
      await reader.open('contact');
      for (const key of ['ch_help', 'ch_chat', 'ch_social', 'ch_email'])
        expect(await reader.page.locator(`#${key} dd`).count(), key).toBe(4);
      const text = await reader.page.locator('main').innerText();
      for (const ours of ['support@meridian.example', 'meridian_announcements', 'meridian.example'])
        expect(text).toContain(ours);
      expect(text, 'a known fake').not.toContain('meridian-bonus');
      await reader.page.locator('#ch_help a').click();
      await reader.page.waitForURL(`${sqlite.url}/${locale}/search`);
    });

  onEachEngine('another legal entity has its own address and its own article', async (cast, engine) => {
    const eu = engine.url.replace('localhost', 'eu.localhost');
    const path = 'a/appeals/deadlines';
    const all = await Reader.arrive(cast, engine, 'en');
    await all.open(path);
    const reader = await Reader.arrive(cast, { url: eu }, 'en');
    await reader.open(path);
    expect(await reader.title).toBe('Which deadlines bind Meridian EU?');
    expect(await all.title).not.toBe(await reader.title);
    expect(await reader.page.locator('link[rel=canonical]').getAttribute('href')).toBe(`${eu}/en/${path}`);
    await reader.search('how long does Meridian Europe take for a complaint');
    expect(await reader.found()).toContain('appeals/deadlines');
    await reader.switchTo('zh-TW');
    await reader.open('a/deposits/deposit-not-credited');
    expect((await reader.prose.innerText()).length, 'what is for all is there too').toBeGreaterThan(200);
  });
});
