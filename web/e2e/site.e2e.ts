// The help center must help when scripts are blocked, and in the reader's language.
import { describe, expect } from 'vitest';
import { sqlite, test } from './stage/cast';
import { locales, outside } from './stage/words';

describe('the help center', () => {
  for (const locale of locales)
    test(`reads and searches without JavaScript, ${locale}`, async ({ cast }) => {
      const page = await cast.page({ locale, javaScriptEnabled: false });
      await page.goto(sqlite.url);
      expect(await page.locator('html').getAttribute('lang')).toBe(locale);
      await page.locator('main input[name=q]').fill(outside[locale].query);
      await page.locator('main button').first().click();
      await page.locator('ol.hits a').first().click();
      const title = await page.getByRole('heading', { level: 1 }).innerText();
      expect(title.length).toBeGreaterThan(3);
      expect((await page.locator('article.prose').innerText()).length).toBeGreaterThan(200);
      await page.locator('main a[href^="/app"]').last().waitFor();
    });

  test('switching the language stays on the article', async ({ cast }) => {
    const page = await cast.page({ locale: 'en' });
    await page.goto(`${sqlite.url}/en/a/deposits/deposit-not-credited`);
    await page.locator('details.menu summary').click();
    await page.locator('.menu a[lang=zh-CN]').click();
    await page.waitForURL(`${sqlite.url}/zh-CN/a/deposits/deposit-not-credited`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/[一-鿿]/);
    await page.locator('details.menu summary').click();
    await page.locator('.menu a[lang=zh-TW]').click();
    await page.waitForURL(`${sqlite.url}/zh-TW/a/deposits/deposit-not-credited`);
    await page.locator('details.menu summary').click();
    await page.locator('.menu a[lang=en]').click();
    await page.waitForURL(`${sqlite.url}/en/a/deposits/deposit-not-credited`);
  });

  test('the chat opens on its own page where the widget cannot load', async ({ cast }) => {
    cast.tolerate(/loader\.js/);
    const page = await cast.page({ locale: 'en' });
    await page.route('**/widget/loader.js', (route) => route.abort());
    await page.goto(`${sqlite.url}/en/a/deposits/deposit-not-credited`);
    await page.locator('main [data-chat]').last().click();
    await page.waitForURL(/\/app\?locale=en/);
    await page.getByRole('button', { name: /Contact support/ }).waitFor();
  });
});
