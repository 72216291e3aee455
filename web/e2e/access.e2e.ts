// Every screen of the widget and the console, both languages, both themes, on a phone and on a desk: whoever cannot read
// or reach something here cannot be helped, or cannot work. The Help Center and its editors have a test of their own.
import type { Frame, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { desktop, look } from './stage/axe';
import { sqlite, test } from './stage/cast';
import { locales, type Locale } from './stage/words';

describe('axe finds nothing', () => {
  for (const locale of locales) {
    test(`in the widget, ${locale}`, async ({ cast }) => {
      const customer = await cast.customer(sqlite, locale);
      const { page, widget, t } = customer;
      await page.goto(`${sqlite.url}/${locale}/`);
      await customer.openWidget();
      await widget.locator('.list a').first().waitFor();
      const frame = page.frames()[1] as Frame;
      const wrong = await look(page, 'widget home', frame);
      await widget.locator('.articles .list a').first().click();
      await widget.locator('.prose').waitFor();
      wrong.push(...(await look(page, 'widget article', frame)));
      await widget.getByRole('button', { name: t.helpedNo }).click();
      await widget.locator('[data-key=locked_out]').click();
      wrong.push(...(await look(page, 'widget preparation', frame)));
      await customer.toChat();
      await customer.write('legal winner thank year wave sausage worth useful legal winner thank yellow');
      await widget.getByText(customer.w.guardTitle).waitFor();
      wrong.push(...(await look(page, 'widget thread', frame)));
      expect(wrong).toEqual([]);
    });

    test(`in the console, ${locale}`, async ({ cast }) => {
      const page = await cast.page({ locale });
      await page.goto(`${sqlite.url}/console`);
      await page.getByRole('button').first().waitFor();
      const wrong = await look(page, 'sign-in');
      const agent = await cast.agent(sqlite, { email: 'lin@meridian.example', locale: 'zh-CN' });
      const speak = (to: Locale) =>
        agent.page.evaluate(async (l) => {
          await fetch('/api/v1/account', {
            method: 'PATCH',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ locale: l }),
          });
        }, to);
      await speak(locale);
      try {
        wrong.push(...(await consoleScreens(agent.page)));
      } finally {
        await speak('zh-CN');
      }
      expect(wrong).toEqual([]);
    });
  }
});

async function consoleScreens(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  const visit = async (name: string, path: string, ready: string) => {
    await page.setViewportSize(desktop);
    await page.goto(`${sqlite.url}/console${path}`);
    await page.locator(ready).first().waitFor();
    wrong.push(...(await look(page, `console ${name}`)));
  };
  const row = 'a[href*="/console/inbox/all/"]';
  await visit('list', '/inbox/all', row);
  const thread = await page.locator(row).last().getAttribute('href');
  await visit('thread', (thread ?? '').replace('/console', ''), '[role=log] article');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  wrong.push(...(await look(page, 'console palette')));
  await page.keyboard.press('Escape');
  await visit('search', '/search?q=USDT', 'mark');
  for (const section of ['profile', 'security', 'staff', 'teams', 'audit', 'jobs'])
    await visit(`settings ${section}`, `/settings/${section}`, 'main h1');
  return wrong;
}
