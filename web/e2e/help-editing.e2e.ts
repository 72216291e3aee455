// The whole life of an article. If this fails, wrong answers go up, right ones cannot, or somebody's work is lost.
import type { Locator } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { Written } from '../sdk';
import { Api } from './stage/api';
import { engines, onEachEngine, sqlite, test, type Cast } from './stage/cast';
import { Editor, starting, type Person } from './stage/editor';
import type { Engine } from './stage/house';
import { Reader } from './stage/reader';
import { locales, type Locale } from './stage/words';

const words = {
  en: {
    title: 'My flumbert is stuck',
    summary: 'Why a flumbert waits, and what frees it.',
    intro: 'Wait ten minutes first.',
    heading: 'What to do',
    steps: ['Open the wallet', 'Press release'],
    strong: 'never share a code',
    alt: 'The page with the release button',
    later: 'Wait five minutes first.',
    query: 'flumbert stuck',
    link: 'deposit-not-credited',
    note: 'Checked with the wallet team',
    category: 'Deposits',
    reviewer: 'rosa',
  },
  'zh-CN': {
    title: '灵狐券无法使用怎么办',
    summary: '灵狐券等待的原因，以及如何恢复。',
    intro: '请先等待十分钟。',
    heading: '处理步骤',
    steps: ['打开钱包', '点击释放'],
    strong: '切勿透露验证码',
    alt: '带有释放按钮的页面',
    later: '请先等待五分钟。',
    query: '灵狐券 无法使用',
    link: 'deposit-not-credited',
    note: '已与钱包团队核对',
    category: '充值',
    reviewer: 'lin',
  },
} as const;

/** Readers see what was published within two seconds. */
const soon = { timeout: 2_000, interval: 100 };

/** A slug of this test's own: the demo of an engine is shared. */
const slugOf = (name: string, locale: Locale) => `${name}-${locale.toLowerCase()}`;

async function onSite(cast: Cast, engine: Engine, locale: Locale | 'zh-TW', options = {}): Promise<Reader> {
  return Reader.arrive(cast, engine, locale, options);
}

/** Writes the first draft as a person would: with keys, the toolbar, a pasted picture. */
async function draft(kai: Editor, say: (typeof words)[Locale]): Promise<void> {
  const { page, h, body } = kai;
  await kai.summary.fill(say.summary);
  await body.fill(`${say.intro}\n\n`);
  await kai.tool(h.tool.heading).click();
  await page.keyboard.insertText(say.heading);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await kai.tool(h.tool.steps).click();
  await page.keyboard.insertText(say.steps[0]);
  await page.keyboard.press('Enter');
  await page.keyboard.insertText(say.steps[1]);
  for (let i = 0; i < 3; i++) await page.keyboard.press('Enter');
  await page.keyboard.press('Control+b');
  await page.keyboard.insertText(say.strong);
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('\n\n');
}

async function paste(kai: Editor, alt: string): Promise<Locator> {
  const { page, h, dialog } = kai;
  await kai.pasteImage(await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 180 } }));
  await dialog.getByText(h.image.ready(320, 180)).waitFor();
  await kai.button(h.image.insert, dialog).click();
  await dialog.getByText(h.image.altNeeded).waitFor();
  await dialog.getByLabel(h.image.alt).fill(alt);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  const image = kai.preview.getByRole('img', { name: alt });
  await expect.poll(() => image.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(320);
  return image;
}

/** An unregistered address is named with its line, refused, and replaced by an article. */
async function link(kai: Editor, slug: string): Promise<void> {
  const { page, h, dialog, body } = kai;
  const clean = await body.inputValue();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('[here](https://unregistered.example/free)');
  const problems = kai.button(h.editor.problems(1));
  await problems.click();
  await page.getByRole('listitem').getByText('unregistered.example').first().waitFor();
  await kai.button(h.act.publish).click();
  const refusal = dialog.getByRole('list', { name: h.act.blocked });
  await refusal.getByText(/unregistered\.example/).waitFor();
  await kai.button(h.act.fix, dialog).click();
  await expect
    .poll(() => body.evaluate((b: HTMLTextAreaElement) => b.value.slice(b.selectionStart, b.selectionEnd)))
    .toContain('unregistered.example');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Control+k');
  await dialog.getByRole('combobox').fill(slug);
  await dialog.getByRole('option').first().waitFor();
  await expect.poll(() => dialog.getByRole('option').count()).toBe(1);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  await kai.preview.locator(`a[href$="/a/deposits/${slug}"]`).waitFor();
  await page.getByText(h.editor.noProblems).waitFor();
  expect((await body.inputValue()).startsWith(clean.trimEnd())).toBe(true);
}

describe('an article', () => {
  for (const locale of locales)
    onEachEngine(
      `is written, checked by a second person, read, changed and taken down, ${locale}`,
      async (cast, engine) => {
        cast.tolerate(/status of 422/, /status of 404.*\/a\//);
        const say = words[locale];
        const slug = slugOf('flumbert', locale);
        const kai = await Editor.arrive(cast, engine, 'kai', locale);
        const { page, h } = kai;
        await kai.articles();
        await page.locator('a[href*="/console/help/articles/"]').first().waitFor();
        await page.keyboard.press('c');
        await kai.dialog.waitFor();
        await page.keyboard.type(say.title);
        await kai.dialog.getByLabel(h.create.category).selectOption({ label: say.category });
        await kai.dialog.getByLabel(h.create.slug).fill(slug);
        await page.keyboard.press('Enter');
        await kai.body.waitFor();
        await draft(kai, say);
        await paste(kai, say.alt);
        await link(kai, say.link);
        await kai.save();
        const preview = await kai.previewed();
        for (const part of [say.heading, ...say.steps, say.strong, say.alt]) expect(preview).toContain(part);
        expect(preview.match(/<li>/g)).toHaveLength(2);
        await kai.more(h.act.review);
        await kai.says(h.act.done.review);

        const reader = await onSite(cast, engine, locale, { javaScriptEnabled: false });
        const address = `a/deposits/${slug}`;
        expect(await reader.open(address)).toBe(404);
        const second = await Editor.arrive(cast, engine, say.reviewer as Person, locale);
        await second.articles('?status=review');
        await second.articleRow(say.title).click();
        await second.publish();
        await expect.poll(() => reader.open(address), soon).toBe(200);
        expect((await reader.prose.innerHTML()).trim(), 'what was previewed').toBe(preview);
        expect(await reader.title).toBe(say.title);
        await reader.search(say.query);
        expect((await reader.found())[0]).toBe(`deposits/${slug}`);

        // Kai sees it go up, and writes on: readers keep what is published.
        await page.getByText(h.stage.published, { exact: true }).first().waitFor();
        await kai.body.fill((await kai.body.inputValue()).replace(say.intro, say.later));
        await kai.save();
        await page.getByText(h.act.liveToo).first().waitFor({ state: 'attached' });
        await reader.open(address);
        expect(await reader.prose.innerText()).toContain(say.intro);
        await kai.update(say.note);
        await expect
          .poll(async () => {
            await reader.open(address);
            return reader.prose.innerText();
          }, soon)
          .toContain(say.later);

        // What was there before can be seen and brought back.
        await page.getByRole('link', { name: h.versions.title, exact: true }).click();
        const versions = page.getByRole('navigation', { name: h.versions.title });
        await versions.getByRole('button').filter({ hasText: say.note }).click();
        const diff = page.getByRole('region', { name: h.diff.label });
        await diff.locator('li').filter({ hasText: h.diff.removed }).filter({ hasText: say.intro }).waitFor();
        await diff.locator('li').filter({ hasText: h.diff.added }).filter({ hasText: say.later }).waitFor();
        await versions.getByRole('button').filter({ hasText: h.versions.action['publish'] }).last().click();
        await kai.button(h.versions.restore).click();
        await kai.body.waitFor();
        expect(await kai.body.inputValue()).toContain(say.intro);
        await reader.open(address);
        expect(await reader.prose.innerText(), 'a restored text is not live by itself').toContain(say.later);

        await kai.more(h.act.archive);
        await kai.button(h.act.archiveDo, kai.dialog).click();
        await kai.says(h.act.done.archived);
        await expect.poll(() => reader.open(address), soon).toBe(404);
        await reader.search(say.query);
        expect(await reader.found()).not.toContain(`deposits/${slug}`);
        await kai.articles('?status=archived');
        await kai.articleRow(say.title).waitFor();
      },
    );

  onEachEngine('goes up at the time that was set', async (cast, engine) => {
    const api = await Api.as(engine, 'kai@meridian.example');
    const title = 'The blimpet opens on Monday';
    const { id } = await api.write('blimpet', { en: { title, body: 'Doors open at nine.' } }, 'draft');
    const kai = await Editor.arrive(cast, engine, 'kai', 'en');
    await kai.edit(id, 'en');
    await kai.more(kai.h.act.schedule);
    const when = kai.dialog.getByLabel(kai.h.act.when);
    await when.fill('2020-01-01T09:00');
    await kai.button(kai.h.act.scheduleDo, kai.dialog).click();
    await kai.dialog.getByText(kai.h.act.past).waitFor();
    await when.fill(`${new Date().getFullYear() + 1}-01-01T09:00`);
    await kai.button(kai.h.act.scheduleDo, kai.dialog).click();
    await kai.says(kai.h.act.scheduledFor('').trim());
    await kai.page.getByText(kai.h.stage.scheduled).first().waitFor();
    // The field knows minutes only; nobody waits for one here.
    const { revision } = (await api.article(id)).texts.en ?? { revision: 0 };
    const at = (Date.now() + 1_500) * 1_000;
    const stage = { revision, stage: 'scheduled', publish_at: at };
    await api.post(`/help/articles/${id}/texts/en/stage`, stage);
    const reader = await onSite(cast, engine, 'en', { javaScriptEnabled: false });
    cast.tolerate(/status of 404.*blimpet/);
    expect(await reader.open('a/deposits/blimpet')).toBe(404);
    await expect.poll(() => reader.open('a/deposits/blimpet'), { timeout: 8_000, interval: 200 }).toBe(200);
    await kai.page.getByText(kai.h.act.isLive).first().waitFor({ state: 'attached' });
  });

  onEachEngine('keeps its readers when its address changes', async (cast, engine) => {
    const api = await Api.as(engine, 'kai@meridian.example');
    const { id } = await api.write('grommel-old', { en: { title: 'About the grommel', body: 'It hums.' } });
    const kai = await Editor.arrive(cast, engine, 'kai', 'en');
    await kai.edit(id, 'en');
    const slug = kai.page.getByLabel(kai.h.side.slug, { exact: true });
    await slug.fill('Not An Address');
    await kai.page.getByText(kai.h.side.slugLatin).waitFor();
    await slug.fill('grommel-new');
    await kai.page.getByText(kai.h.side.slugNote).waitFor();
    await slug.press('Enter');
    await kai.says(kai.h.side.saved);
    await kai.page.getByText(kai.h.side.redirects(1)).waitFor();
    const reader = await onSite(cast, engine, 'en');
    await expect
      .poll(async () => {
        await reader.open('a/deposits/grommel-old');
        return reader.page.url();
      }, soon)
      .toBe(`${engine.url}/en/a/deposits/grommel-new`);
    await reader.prose.getByText('It hums.').waitFor();
  });
});

const last = engines.filter((e) => e.skipped === '').at(-1) ?? sqlite;

describe('a translation', () => {
  for (const [from, to, engine] of [
    ['en', 'zh-CN', sqlite],
    ['zh-CN', 'en', last],
  ] as const)
    test(`is missing, made, outdated and brought up to date, ${from} to ${to} · ${engine.name}`, async ({
      cast,
    }) => {
      cast.tolerate(/status of 404.*\/a\//);
      const slug = slugOf('wobbler', from);
      const texts: Record<Locale, Written> = {
        en: { title: `The wobbler of ${from}`, summary: 'Short.', body: 'It wobbles slowly.', tags: [] },
        'zh-CN': { title: `摇摆器 ${from}`, summary: '简介。', body: '它在網絡里慢慢摇摆。', tags: [] },
      };
      const api = await Api.as(engine, 'kai@meridian.example');
      await api.write(slug, { [from]: texts[from] });
      const kai = await Editor.arrive(cast, engine, 'kai', from);
      const { page, h } = kai;
      await kai.articles(`?attention=missing&locale=${to}`);
      await kai.articleRow(texts[from].title).click();
      await kai.tab(to).click();
      await page.getByText(h.start.title(h.locales[to])).waitFor();
      await kai.button(h.start.from(h.locales[from])).click();
      expect(await kai.body.inputValue()).toBe(texts[from].body);
      await kai.heading.fill(texts[to].title);
      await kai.body.fill(texts[to].body);
      await kai.save();
      const reader = await onSite(cast, engine, from);
      await reader.open(`a/deposits/${slug}`);
      await reader.switchTo(to);
      await reader.page.locator(`main a[hreflang="${from}"]`).waitFor();
      await kai.publish();
      await expect.poll(() => reader.page.reload().then((r) => r?.status()), soon).toBe(200);
      await reader.prose.getByText(texts[to].body).waitFor();

      await kai.tab(from).click();
      await kai.body.fill(`${texts[from].body}\n\nMore 123.`);
      await kai.update();
      await kai.tab(to).getByText(h.tab.outdated).waitFor();
      await kai.tab(to).click();
      await page.getByText(h.outdated.title(h.locales[from])).waitFor();
      await kai.button(h.outdated.show).click();
      await page
        .getByRole('listitem')
        .filter({ hasText: h.diff.added })
        .filter({ hasText: 'More 123.' })
        .waitFor();
      await kai.button(h.outdated.done).click();
      await kai.says(h.outdated.marked);
      await page.getByText(h.outdated.title(h.locales[from])).waitFor({ state: 'detached' });
    });

  test('into traditional characters is derived until somebody writes it', async ({ cast }) => {
    const engine = sqlite;
    const api = await Api.as(engine, 'kai@meridian.example');
    const title = '软件的默认设置';
    const { id } = await api.write('soft-default', { 'zh-CN': { title, body: '请检查网络连接。' } });
    const reader = await onSite(cast, engine, 'zh-TW', { javaScriptEnabled: false });
    const address = 'a/deposits/soft-default';
    await expect.poll(() => reader.open(address), soon).toBe(200);
    expect(await reader.title).toBe('軟體的預設設定');
    const kai = await Editor.arrive(cast, engine, 'kai', 'zh-CN');
    const { h } = kai;
    await kai.edit(id, 'zh-CN');
    await kai.tab('zh-TW').click();
    await kai.page.getByText('請檢查網路連線。').waitFor();
    await kai.button(h.derived.write).click();
    expect(await kai.heading.inputValue()).toBe('軟體的預設設定');
    await kai.body.fill('先看看你家的網路線。');
    await kai.save();
    await kai.publish();
    const seen = async () => {
      await reader.open(address);
      return reader.prose.innerText();
    };
    await expect.poll(seen, soon).toContain('先看看你家的網路線。');
    await kai.more(h.derived.revert);
    await kai.button(h.derived.revertDo, kai.dialog).click();
    await kai.page.getByText(h.derived.body).waitFor();
    await expect.poll(seen, soon).toContain('請檢查網路連線。');
  });
});

describe('nothing that was typed is lost', () => {
  onEachEngine('when two people write at once', async (cast, engine) => {
    cast.tolerate(/status of 409/);
    const api = await Api.as(engine, 'kai@meridian.example');
    const lines = 'First line.\n\nSecond line.\n\nThird line.';
    const { id } = await api.write('two-at-once', { en: { title: 'Two at once', body: lines } });
    const kai = await Editor.arrive(cast, engine, 'kai', 'en');
    await kai.edit(id, 'en');
    const rosa = await Editor.arrive(cast, engine, 'rosa', 'en');
    await rosa.edit(id, 'en');
    await kai.page.getByText(kai.h.editor.here('Rosa Almeida')).waitFor({ state: 'attached' });
    await rosa.page.getByText(rosa.h.editor.here('Kai Zhou')).waitFor({ state: 'attached' });

    // Kai's save is on its way when Rosa's arrives first.
    await kai.page.route('**/texts/en', async (route) => {
      await rosa.body.fill(lines.replace('Third line.', 'Third line by Rosa.'));
      await rosa.save();
      await route.continue();
    });
    const refused = kai.page.waitForResponse((r) => r.status() === 409);
    await kai.body.fill(lines.replace('First line.', 'First line by Kai.'));
    await kai.page.keyboard.press('Control+s');
    await refused;
    await kai.page.unroute('**/texts/en');
    const merge = kai.page.getByRole('region', { name: kai.h.merge.title('Rosa Almeida') });
    for (const both of ['First line by Kai.', 'Third line by Rosa.'])
      await merge.getByText(both).first().waitFor();
    await kai.button(kai.h.merge.use).click();
    await kai.body.waitFor();
    const merged = 'First line by Kai.\n\nSecond line.\n\nThird line by Rosa.';
    expect(await kai.body.inputValue()).toBe(merged);
    await expect.poll(async () => (await api.article(id)).texts.en?.body).toBe(merged);
    // Rosa had nothing unsaved: she is shown the newest words, and by whom.
    await rosa.page.getByText(rosa.h.live.saved('Kai Zhou', rosa.h.locales.en)).waitFor();
    await expect.poll(() => rosa.body.inputValue()).toBe(merged);
    await kai.page.close();
    await rosa.page.getByText(rosa.h.editor.here('Kai Zhou')).waitFor({ state: 'detached' });
  });

  test('when the browser dies before the words were saved', async ({ cast }) => {
    const engine = sqlite;
    cast.tolerate(/Failed to load resource: net::ERR/);
    const api = await Api.as(engine, 'kai@meridian.example');
    const { id } = await api.write('crash', { en: { title: 'Crash', body: 'Safe.' } });
    const kai = await Editor.arrive(cast, engine, 'kai', 'en');
    await kai.edit(id, 'en');
    await kai.page.route('**/texts/en', (route) => route.abort());
    await kai.body.fill('Safe. And an hour of work.');
    await kai.page.getByText(kai.h.save.offline).waitFor();
    const context = kai.page.context();
    await kai.page.close();
    const again = new Editor(await context.newPage(), engine, 'en');
    await again.edit(id, 'en');
    await again.page.getByText(starting(kai.h.recover.title)).waitFor();
    expect(await again.body.inputValue()).toBe('Safe.');
    await again.button(kai.h.recover.restore).click();
    expect(await again.body.inputValue()).toBe('Safe. And an hour of work.');
    await expect
      .poll(async () => (await api.article(id)).texts.en?.body, { timeout: 5_000 })
      .toContain('an hour of work');
  });
});

describe('who may not', () => {
  test('somebody of the support writes and asks, but puts nothing up', async ({ cast }) => {
    const engine = sqlite;
    const mei = await Editor.arrive(cast, engine, 'mei', 'en');
    const { h, page } = mei;
    await mei.articles('?new=1');
    await mei.dialog.getByLabel(h.create.heading).fill('What customers asked Mei');
    await page.keyboard.press('Enter');
    await mei.body.fill('They ask this every day.');
    await mei.summary.fill('Every day.');
    await mei.save();
    expect(await mei.button(h.act.publish).count()).toBe(0);
    await mei.button(h.act.review).click();
    await mei.says(h.act.done.review);
    await mei.button(h.act.more).click();
    const offered = await page.getByRole('menuitem').allInnerTexts();
    expect(offered).toEqual([h.act.backToDraft]);
    const api = await Api.as(engine, 'mei@meridian.example');
    const { revision } = (await api.article(mei.id)).texts.en ?? { revision: 0 };
    for (const stage of ['published', 'scheduled', 'archived']) {
      const path = `/help/articles/${mei.id}/texts/en/stage`;
      const publish_at = (Date.now() + 60_000) * 1_000;
      expect((await api.ask('POST', path, { revision, stage, publish_at })).status, stage).toBe(403);
    }
    await page.goto(`${engine.url}/console/help/synonyms`);
    await page.getByText(h.nav.forbidden).waitFor();
  });
});

const hostile = [
  '<script>window.hit = 1</script>',
  '<img src=x onerror="window.hit = 2">',
  '<svg onload="window.hit = 3"></svg>',
  '<iframe srcdoc="<script>parent.hit = 4</script>"></iframe>',
  '[click](javascript:window.hit=5)',
  '[click](java&#10;script:window.hit=6)',
  '![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9IndpbmRvdy5oaXQ9NyIvPg==)',
  '<a href="javascript:window.hit=8" onmouseover="window.hit=9">hover</a>',
  '<details open ontoggle="window.hit=10">x</details>',
  '<style>body { display: none }</style>',
  '[x]: javascript:window.hit=11 "t"\n[a reference][x]',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hit=12&gt;">',
];

describe('hostile text', () => {
  test('runs nowhere, neither while it is written nor on the site', async ({ cast }) => {
    const engine = sqlite;
    cast.tolerate(/status of 422/);
    const api = await Api.as(engine, 'kai@meridian.example');
    const { id } = await api.write('hostile', { en: { title: 'Hostile', body: 'Calm.' } });
    const kai = await Editor.arrive(cast, engine, 'kai', 'en');
    const { page, h } = kai;
    const hits = async (of = page) => (await of.evaluate(() => (window as { hit?: number }).hit)) ?? 0;
    const asked: string[] = [];
    page.on('request', (r) => {
      if (!r.url().startsWith(engine.url) && !/^(ws|blob|data):/.test(r.url())) asked.push(r.url());
    });
    await kai.edit(id, 'en');
    await kai.body.fill(`${hostile.join('\n\n')}\n\nThe end.`);
    await kai.preview.getByText('The end.').waitFor();
    const html = await kai.preview.innerHTML();
    expect(html).not.toMatch(/<script|<iframe|<svg|<style|javascript:|\son\w+=|data:image/i);
    for (const anchor of await kai.preview.locator('a').all()) await anchor.hover();
    expect(await hits()).toBe(0);
    await kai.save();
    await kai.button(h.act.update).click();
    await kai.button(h.act.update, kai.dialog).click();
    const refusal = kai.dialog.getByRole('list', { name: h.act.blocked });
    expect(await refusal.getByRole('listitem').count()).toBeGreaterThan(8);
    await page.keyboard.press('Escape');

    // As words it may go up: an article about phishing has to show what it looks like.
    const image = '<img src=x onerror="window.hit = 20">';
    await kai.heading.fill(`Hostile ${image}`);
    await kai.summary.fill(`About ${image} </script><script>window.hit=21</script>`);
    await kai.body.fill(hostile.map((line) => `~~~~\n${line}\n~~~~`).join('\n\n'));
    await kai.save();
    await kai.update();
    const reader = await onSite(cast, engine, 'en');
    await expect
      .poll(async () => {
        await reader.open('a/deposits/hostile');
        return reader.title;
      }, soon)
      .toBe(`Hostile ${image}`);
    expect(await reader.prose.innerText()).toContain('<script>window.hit = 1</script>');
    expect(await hits(reader.page)).toBe(0);
    await reader.search('hostile onerror window hit');
    expect(await reader.found()).toContain('deposits/hostile');
    await reader.page.locator('form[role=search] input').first().pressSequentially(' hostile');
    await reader.page.getByRole('option').first().waitFor();
    expect(await hits(reader.page)).toBe(0);
    await kai.articles('?q=hostile');
    await kai.articleRow('Hostile <img').waitFor();
    expect(await hits()).toBe(0);
    expect(asked).toEqual([]);
    await api.save(id, 'en', { title: 'Calm again', body: 'Calm.', summary: 'Calm.' }, 'published');
  });
});
