// Every page of the Help Center and every screen of its editors, in each language and theme, on a phone and on a desk:
// an answer that cannot be read is none, and whoever cannot reach a button cannot correct it.
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { Api } from './stage/api';
import { desktop, everyLook, look, phone, type Look } from './stage/axe';
import { sqlite, test } from './stage/cast';
import { Editor } from './stage/editor';
import { readingLocales, type ReadingLocale } from './stage/reader';
import { locales, type Locale } from './stage/words';

/** Languages differ in words, not in colours: every look in English, every theme and size in each of the others. */
const siteLooks: Record<ReadingLocale, readonly Look[]> = {
  en: everyLook,
  'zh-CN': [
    ['dark', phone],
    ['light', desktop],
  ],
  'zh-TW': [
    ['light', phone],
    ['dark', desktop],
  ],
};

describe('axe finds nothing on the site', () => {
  for (const locale of readingLocales)
    test(locale, async ({ cast }) => {
      cast.tolerate(/status of 404.*\/nowhere/);
      const page = await cast.page({ locale, viewport: phone });
      const looks = siteLooks[locale];
      const article = 'a/deposits/deposit-not-credited';
      const wrong: string[] = [];
      for (const path of [
        '',
        'c/deposits',
        article,
        'search?q=memo',
        'search?q=qqzzqqzz',
        'search',
        'contact',
        'nowhere',
      ]) {
        await page.goto(`${sqlite.url}/${locale}/${path}`);
        wrong.push(...(await look(page, `site /${path}`, page, looks)));
      }
      // A vote counts once for each reader and article: the reading test has the other one.
      await page.goto(`${sqlite.url}/${locale}/a/withdrawals/withdrawal-pending`);
      await page.locator('.vote summary').click();
      await page.locator('details.menu summary').click();
      wrong.push(...(await look(page, 'vote form and languages', page, looks)));
      await page.locator('.vote-form button').click();
      await page.locator('.vote-thanks a').waitFor();
      await page.locator('form[role=search] input').first().pressSequentially('memo');
      await page.getByRole('option').first().waitFor();
      wrong.push(...(await look(page, 'thanks and suggestions', page, looks)));
      expect(wrong).toEqual([]);
    });
});

/** Each language sees both themes and both sizes, and every pair of them is seen. */
const looksOf: Record<Locale, readonly Look[]> = {
  en: [
    ['light', desktop],
    ['dark', phone],
  ],
  'zh-CN': [
    ['dark', desktop],
    ['light', phone],
  ],
};

/** An article with everything that the editor can show: a problem, changes, a translation that fell behind. */
async function busyArticle(slug: string): Promise<string> {
  const kai = await Api.as(sqlite, 'kai@meridian.example');
  const body = '## A heading\n\nWords with **weight** and `code`.\n\n| One | Two |\n|---|---|\n| 1 | 2 |';
  const { id } = await kai.write(slug, {
    en: { title: `A busy article ${slug}`, body },
    'zh-CN': { title: '有很多内容的文章', body: '正文。' },
  });
  await kai.save(id, 'en', { body: `${body}\n\n- more` }, 'published');
  await kai.save(id, 'en', { body: `${body}\n\n- more [x](https://unregistered.example/)` });
  return id;
}

class Inspector {
  readonly wrong: string[] = [];
  constructor(
    readonly editor: Editor,
    private readonly looks: readonly Look[],
  ) {}
  get page(): Page {
    return this.editor.page;
  }
  async visit(path: string, ready: string): Promise<void> {
    await this.page.setViewportSize(desktop);
    await this.page.goto(`${sqlite.url}/console/help/${path}`);
    await this.page.locator(ready).first().waitFor();
  }
  async look(name: string, looks = this.looks): Promise<void> {
    this.wrong.push(...(await look(this.page, name, this.page, looks)));
    await this.page.setViewportSize(desktop);
  }
  /** What is like a screen that was seen before: once for each language. */
  async glance(name: string): Promise<void> {
    await this.look(name, this.looks.slice(0, 1));
  }
  /** Something that was opened over a screen: in one theme for each language, and on a phone where it matters. */
  async dialog(name: string): Promise<void> {
    await this.editor.dialog.waitFor();
    await this.look(name, this.looks.slice(1));
    await this.page.keyboard.press('Escape');
    await this.editor.dialog.waitFor({ state: 'detached' });
  }
}

async function lists(i: Inspector): Promise<void> {
  const { editor } = i;
  const { h } = editor;
  await i.visit('articles', 'main a[href*="/help/articles/"]');
  await i.look('list');
  await i.page.keyboard.press('c');
  await i.dialog('new article');
  await i.visit('articles?q=qqzzqq', 'main p');
  await i.page.getByText(h.list.none).waitFor();
  await i.glance('nothing matches');
  for (const [section, add] of [
    ['categories', h.categories.add],
    ['announcements', h.announce.add],
    ['official', h.official.add],
  ] as const) {
    await i.visit(section, 'main li');
    await i.glance(section);
    await editor.button(add).first().click();
    await i.dialog(add);
  }
  await i.visit('insight', 'main table');
  await i.look('insight');
  await editor.button(h.insight.asTable).click();
  await i.glance('insight as a table');
  await i.visit('feedback', 'main li');
  await i.glance('feedback');
  await i.visit('synonyms', 'main input');
  await i.glance('synonyms');
}

async function writing(i: Inspector, id: string): Promise<void> {
  const { editor, page } = i;
  const { h, body } = editor;
  await i.visit(`articles/${id}/en`, 'textarea');
  await editor.button(h.editor.problems(1)).click();
  await editor.preview.getByText('more').waitFor();
  await i.look('editor with preview and problems');
  await body.focus();
  await page.keyboard.press('Control+k');
  await i.dialog('link');
  await editor.pasteImage(await page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 64 } }));
  await editor.dialog.getByText(h.image.ready(64, 64)).waitFor();
  await i.dialog('image');
  await editor.more(h.act.schedule);
  await i.dialog('schedule');
  await editor.button(h.act.update).click();
  await editor.button(h.act.update, editor.dialog).click();
  await editor.dialog.getByRole('list').waitFor();
  await i.dialog('publication refused');
  await editor.button(h.act.more).click();
  await page.getByRole('menu').waitFor();
  await i.glance('actions');
  await page.keyboard.press('Escape');
  await page.setViewportSize(phone);
  await editor.button(h.editor.hideDetails).or(editor.button(h.editor.showDetails)).click();
  await i.dialog('details on a phone');
  await page.setViewportSize(phone);
  await editor.button(h.editor.preview).click();
  await editor.preview.waitFor();
  await i.look('preview on a phone', [['dark', phone]]);
  await i.visit(`articles/${id}/en/versions`, '[role=group] ol li');
  await i.look('versions and differences');
  await i.visit(`articles/${id}/zh-CN`, 'textarea');
  await editor.button(h.outdated.show).click();
  await page.locator('[role=group] ol li').first().waitFor();
  await i.glance('outdated translation');
  await i.visit(`articles/${id}/zh-TW`, 'main .prose');
  await i.glance('derived text');
}

async function merging(i: Inspector, id: string): Promise<void> {
  const { editor, page } = i;
  const { body } = editor;
  const rosa = await Api.as(sqlite, 'rosa@meridian.example');
  await i.visit(`articles/${id}/en`, 'textarea');
  await page.route('**/texts/en', async (route) => {
    await rosa.save(id, 'en', { title: 'By Rosa', body: 'Rosa wrote this.' });
    await route.continue();
  });
  await body.fill('Mine is this.');
  await page.keyboard.press('Control+s');
  await editor.button(editor.h.merge.use).waitFor();
  await page.unroute('**/texts/en');
  await i.look('two texts to merge');
}

describe('axe finds nothing where articles are written', () => {
  for (const locale of locales)
    test(locale, async ({ cast }) => {
      cast.tolerate(/status of (409|422)/);
      const [id, other] = [
        await busyArticle(`busy-${locale.toLowerCase()}`),
        await busyArticle(`merge-${locale.toLowerCase()}`),
      ];
      const lin = await Api.as(sqlite, 'lin@meridian.example');
      try {
        const i = new Inspector(await Editor.arrive(cast, sqlite, 'lin', locale), looksOf[locale]);
        await lists(i);
        await writing(i, id);
        await merging(i, other);
        expect(i.wrong).toEqual([]);
      } finally {
        await lin.speak('zh-CN');
      }
    });
});
