// What somebody who looks for help does on the site, and what a reader's browser must never do.
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Cast } from './cast';

export const readingLocales = ['en', 'zh-CN', 'zh-TW'] as const;
export type ReadingLocale = (typeof readingLocales)[number];

export class Reader {
  private constructor(
    readonly page: Page,
    readonly url: string,
    readonly locale: ReadingLocale,
  ) {}

  /** A reader whose browser asks nobody but the Help Center for anything; other requests fail the test. */
  static async arrive(
    cast: Cast,
    house: { url: string },
    locale: ReadingLocale,
    options: BrowserContextOptions = {},
  ): Promise<Reader> {
    const page = await cast.page({ locale, ...options });
    const { host } = new URL(house.url);
    page.on('request', (request) => {
      const to = new URL(request.url());
      if (/^(http|ws)s?:$/.test(to.protocol) && to.host !== host)
        cast.problems.push(`a request to ${to.href}`);
    });
    return new Reader(page, house.url, locale);
  }

  async open(path = ''): Promise<number> {
    const answer = await this.page.goto(`${this.url}/${this.locale}/${path}`);
    return answer?.status() ?? 0;
  }
  async search(query: string): Promise<void> {
    const box = this.page.locator('form[role=search] input[name=q]').first();
    await box.fill(query);
    await box.press('Enter');
    await this.page.waitForURL((url) => url.searchParams.get('q') === query);
  }
  /** Addresses of the results without origin and language, best first. */
  async found(): Promise<string[]> {
    const links = await this.page.locator('ol.hits a').all();
    return Promise.all(
      links.map(async (a) => ((await a.getAttribute('href')) ?? '').replace(/^\/[^/]+\/a\//, '')),
    );
  }
  async switchTo(locale: ReadingLocale): Promise<void> {
    await this.page.locator('details.menu summary').click();
    await this.page.locator(`.menu a[lang="${locale}"]`).click();
    await this.page.locator(`html[lang="${locale}"]`).waitFor({ state: 'attached' });
  }
  get title(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).innerText();
  }
  get prose(): Locator {
    return this.page.locator('article.prose');
  }
  get notices(): Locator {
    return this.page.locator('.notice:visible');
  }
}
