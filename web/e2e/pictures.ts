// The pictures of docs/images, taken of the running product: npm run screenshots. Look at every one afterwards.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { Api } from './stage/api';
import { sqlite, test, type Cast } from './stage/cast';
import { phone as inHand, type Customer } from './stage/customer';
import { Editor } from './stage/editor';
import { Floor } from './stage/floor';
import type { Locale } from './stage/words';

const folder = join(import.meta.dirname, '../../docs/images');
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };
const desktop = { viewport: { width: 1440, height: 900 } };
/** The smallest on which the editor shows everything side by side. */
const laptop = { viewport: { width: 1280, height: 800 } };

async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  expect(statSync(path).size, `${name} is too heavy for a page`).toBeLessThan(250_000);
}

const screen = (size: BrowserContextOptions, colorScheme: 'light' | 'dark', locale: Locale) => ({
  ...size,
  colorScheme,
  locale,
});

test('the site', async ({ cast }) => {
  const article = 'a/deposits/deposit-not-credited';
  for (const [name, path, size, theme, locale] of [
    ['site-home-en-light', '', desktop, 'light', 'en'],
    ['site-home-zh-dark-phone', '', phone, 'dark', 'zh-CN'],
    ['article-en-light', article, desktop, 'light', 'en'],
    ['article-zh-light-phone', article, phone, 'light', 'zh-CN'],
    ['article-zh-dark-phone', article, phone, 'dark', 'zh-CN'],
    ['search-zh-dark', 'search?q=充值', desktop, 'dark', 'zh-CN'],
  ] as const) {
    const page = await cast.page(screen(size, theme, locale));
    await page.goto(`${sqlite.url}/${locale}/${path}`);
    await shoot(page, name);
  }
});

test('the editors', async ({ cast }) => {
  const kai = await Api.as(sqlite, 'kai@meridian.example');
  const idOf = async (slug: string) => {
    const { articles } = await kai.get<{ articles: { id: string }[] }>(`/help/articles?q=${slug}`);
    return articles[0]?.id ?? '';
  };
  const [words, picture] = [await idOf('deposit-not-credited'), await idOf('uid-language-and-notifications')];
  try {
    for (const [name, path, theme, locale] of [
      ['console-editor-en-light', `articles/${words}/en`, 'light', 'en'],
      ['console-editor-zh-dark', `articles/${picture}/zh-CN`, 'dark', 'zh-CN'],
      ['console-articles-en-light', 'articles', 'light', 'en'],
      ['console-insight-en-light', 'insight', 'light', 'en'],
    ] as const) {
      const editor = await Editor.arrive(cast, sqlite, 'kai', locale, { ...laptop, colorScheme: theme });
      await editor.page.goto(`${sqlite.url}/console/help/${path}`);
      if (path.startsWith('articles/')) await editor.previewed();
      else await editor.page.locator('main a[href*="/help/articles/"]').first().waitFor();
      await shoot(editor.page, name);
    }
  } finally {
    await kai.speak('zh-CN');
  }
});

const talk = {
  en: [
    'Hi, I sent 500 USDT on TRC20 an hour ago and it still is not in my account.',
    'Hello, I am Mei. I will look at it right away. Please send me the transaction id; we never need a password or a code.',
    'Here it is: 4f2a8c1e9b7d3f60a5e8c2b1d4f7a9e0',
    'Thank you. It has 19 of 20 confirmations, so it will be credited within a minute.',
    'It just arrived. Thank you!',
  ],
  'zh-CN': [
    '您好，我一小时前用 TRC20 充值了 500 USDT，到现在还没有到账。',
    '您好，我是林悦，马上为您查询。请把交易哈希发给我，我们不需要任何密码或验证码。',
    '交易哈希：4f2a8c1e9b7d3f60a5e8c2b1d4f7a9e0',
    '谢谢。目前已有 19/20 个确认，一分钟内会到账。',
    '刚刚到账了，谢谢！',
  ],
} as const;

async function converse(cast: Cast, locale: Locale, size: BrowserContextOptions): Promise<Customer> {
  const [first, second, third, fourth, fifth] = talk[locale];
  const customer = await cast.customer(sqlite, locale, screen(size, 'light', locale));
  await customer.begin(first);
  const agent = await cast.agent(sqlite, {
    email: locale === 'en' ? 'mei@meridian.example' : 'lin@meridian.example',
    locale,
  });
  await agent.view('open');
  await agent.open(first);
  await agent.reply(second);
  await customer.sees(second);
  await customer.write(third);
  await agent.sees(third);
  await agent.reply(fourth);
  await customer.sees(fourth);
  await customer.write(fifth);
  await agent.sees(fifth);
  await customer.widget.getByText(customer.t.read).last().waitFor();
  return customer;
}

test('the widget and the console', async ({ cast }) => {
  await shoot((await converse(cast, 'en', desktop)).page, 'widget-chat-en');
  await shoot((await converse(cast, 'zh-CN', phone)).page, 'widget-chat-zh-phone');
  const home = await cast.customer(sqlite, 'en', screen(phone, 'light', 'en'));
  await home.page.goto(`${sqlite.url}/en/`);
  await home.openWidget();
  await home.widget.locator('.articles .list a').first().waitFor();
  await shoot(home.page, 'widget-home-en-light-phone');

  for (const [name, size, theme, locale] of [
    ['console-thread-en-light', desktop, 'light', 'en'],
    ['console-thread-zh-dark', desktop, 'dark', 'zh-CN'],
    ['console-thread-en-light-phone', phone, 'light', 'en'],
  ] as const) {
    const agent = await cast.agent(sqlite, {
      email: locale === 'en' ? 'mei@meridian.example' : 'lin@meridian.example',
      locale,
      context: { ...size, colorScheme: theme },
    });
    await agent.page.goto(`${sqlite.url}/console/inbox/all`);
    await agent.open(locale === 'en' ? talk.en[4] : talk['zh-CN'][4]);
    await shoot(agent.page, name);
    if (name === 'console-thread-en-light') {
      await agent.page.keyboard.press('Control+k');
      await agent.page.getByRole('combobox').waitFor();
      await shoot(agent.page, 'console-palette-en-light');
    }
  }
});

const waiting = {
  en: [
    'Where is my refund?',
    'I cannot see my withdrawal.',
    'Here is what the app shows.',
    'It left our wallet a minute ago and needs two more confirmations.',
    'Thank you, I see it now.',
  ],
  'zh-CN': [
    '我的退款在哪里？',
    '我看不到我的提现记录。',
    '这是应用里显示的内容。',
    '刚刚已经发出，还需要两个确认。',
    '谢谢，现在看到了。',
  ],
} as const;
const note = {
  en: 'Deposit by card, charged twice. The second one is on its way back; tell them when it arrives.',
  'zh-CN': '银行卡充值被扣了两次，第二笔正在退回，到账后请告知客户。',
} as const;

/** A wallet's screen, as a customer would paste it: drawn here, so that nobody's data is in it. */
async function screenshot(cast: Cast): Promise<Buffer> {
  const page = await cast.page({ viewport: { width: 390, height: 300 } });
  await page.setContent(
    '<body style="margin:0;font:16px system-ui;background:#0f1720;color:#dfe7ef;padding:24px">' +
      '<p style="color:#8fa3b8">Withdrawal</p><h1>0.25 BTC</h1><p>Status: processing</p>' +
      '<div style="height:6px;width:60%;background:#2fbf8f;border-radius:3px"></div></body>',
  );
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

for (const [locale, theme] of [
  ['en', 'light'],
  ['zh-CN', 'dark'],
] as const)
  test(`live chat, ${locale}`, async ({ cast }) => {
    const tag = `${locale === 'en' ? 'en' : 'zh'}-${theme}`;
    const [first, second, third, answer, thanks] = waiting[locale];
    const floor = await Floor.clear(sqlite);
    await floor.capacity('mei', 1);
    try {
      const size = { ...desktop, colorScheme: theme };
      const agent = await cast.present(sqlite, 'mei', { locale, path: '/queue', context: size });
      const one = await cast.customer(sqlite, locale, inHand);
      await one.begin(first);
      const customer = await cast.customer(sqlite, locale, {
        ...inHand,
        deviceScaleFactor: 2,
        colorScheme: theme,
      });
      const { page, widget, w, t } = customer;
      await page.goto(`${sqlite.url}/${locale}/`);
      await customer.openWidget();
      await widget.getByRole('button', { name: new RegExp(t.contact) }).click();
      await widget.locator('[data-key=transfer_trouble]').click();
      await shoot(page, `widget-prepare-${tag}-phone`);
      await customer.toChat();
      await customer.write(second);
      await customer.placeSays(w.placeNext);
      const file = { name: 'withdrawal.png', mimeType: 'image/png', buffer: await screenshot(cast) };
      await customer.picker.setInputFiles([file]);
      await widget.locator('.tray-item').waitFor();
      await customer.write(third);
      await widget.locator('.picture img').waitFor();
      await customer.sentAll();
      await shoot(page, `widget-queue-${tag}-phone`);
      await agent.page.getByRole('list', { name: agent.t.queue.label }).getByText(third).waitFor();
      await shoot(agent.page, `console-queue-${tag}`);
      await agent.page.keyboard.press('q');
      await agent.sees(third);
      await agent.page.keyboard.press('h');
      await agent.page.getByRole('combobox', { name: agent.t.handOver.find }).fill('Jonas');
      await agent.page.keyboard.press('Enter');
      await agent.page.getByRole('textbox', { name: agent.t.handOver.note }).fill(note[locale]);
      await shoot(agent.page, `console-hand-over-${tag}`);
      await agent.page.keyboard.press('Escape');
      const { id } = await floor.conversation(third);
      await floor.answer('mei', id, answer);
      await customer.write(thanks);
      await customer.choose(w.menuEnd);
      await widget.getByRole('dialog').getByRole('button', { name: w.endYes }).click();
      await widget.locator('.star').nth(4).click();
      await shoot(page, `widget-rating-${tag}-phone`);
      await customer.choose(w.menuRequests);
      await widget.locator('.request').first().waitFor();
      await shoot(page, `widget-requests-${tag}-phone`);
      await shoot(agent.page, `console-chat-ended-${tag}`);
      const editor = await cast.present(sqlite, 'lin', { locale, context: size });
      await editor.page.goto(`${sqlite.url}/console/settings/teams`);
      await editor.page.locator('main a[href*="/settings/teams/"]').first().click();
      await editor.page.locator('main form').first().waitFor();
      await shoot(editor.page, `console-team-hours-${tag}`);
    } finally {
      await floor.restore();
    }
  });
