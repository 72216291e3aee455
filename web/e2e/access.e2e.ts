// Every screen, both languages, both themes, on a phone and on a desk: whoever cannot read or reach something here
// cannot be helped, or cannot work.
import type { Frame, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { violations } from './stage/axe';
import { sqlite, test } from './stage/cast';
import { locales, outside, type Locale } from './stage/words';

const phone = { width: 360, height: 740 };
const desktop = { width: 1440, height: 900 };

/** Looks at one screen in both themes and sizes; gives what is wrong, each with where. */
async function look(page: Page, name: string, place: Page | Frame = page): Promise<string[]> {
  const wrong: string[] = [];
  for (const size of [phone, desktop]) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const v of await violations(place)) wrong.push(`${name}, ${colorScheme}, ${size.width} px: ${v}`);
    }
  }
  return wrong;
}

async function siteScreens(page: Page, locale: Locale): Promise<string[]> {
  const { query } = outside[locale];
  const home = `${sqlite.url}/${locale}/`;
  await page.goto(home);
  const wrong = await look(page, 'site home');
  const [article, category] = await Promise.all(
    ['a', 'c'].map((kind) =>
      page.locator(`main a[href^="/${locale}/${kind}/"]`).first().getAttribute('href'),
    ),
  );
  const screens: [string, string | null | undefined][] = [
    ['article', article],
    ['category', category],
    ['search', `/${locale}/search?q=${encodeURIComponent(query)}`],
    ['nothing found', `/${locale}/search?q=qqzzqqzz`],
    ['no such page', `/${locale}/nowhere`],
    ['contact', `/${locale}/contact`],
  ];
  for (const [name, address] of screens) {
    await page.setViewportSize(phone);
    await page.goto(`${sqlite.url}${address}`);
    wrong.push(...(await look(page, `site ${name}`)));
  }
  return wrong;
}

describe('axe finds nothing', () => {
  for (const locale of locales) {
    test(`on the site, ${locale}`, async ({ cast }) => {
      cast.tolerate(/status of 404.*\/nowhere/);
      expect(await siteScreens(await cast.page({ locale }), locale)).toEqual([]);
    });

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
      await widget.getByRole('button', { name: t.prepareStart }).click();
      await customer.write('legal winner thank year wave sausage worth useful legal winner thank yellow');
      await widget.getByText(t.guardTitle).waitFor();
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
