// Whoever cannot read or reach something of the chat cannot be helped: every new screen under axe, once through by
// keyboard alone on both sides, and the Taiwanese words without words of elsewhere.
import type { Frame } from 'playwright-core';
import { describe, expect } from 'vitest';
import { desktop, look, phone as small, type Look } from './stage/axe';
import { sqlite, test } from './stage/cast';
import { phone } from './stage/customer';
import { Floor } from './stage/floor';
import { pressUntil } from './stage/keys';
import { locales, type Locale } from './stage/words';

const picture = {
  name: 'screen.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
};
const paper = { name: 'statement.txt', mimeType: 'text/plain', buffer: Buffer.from('500 USDT') };
/** One of each; in the other language one more. */
const looks: Readonly<Record<Locale, readonly Look[]>> = {
  en: [
    ['light', small],
    ['dark', desktop],
  ],
  'zh-CN': [['dark', small]],
};

describe('axe finds nothing', () => {
  for (const locale of locales)
    test(`in what the customer sees, ${locale}`, async ({ cast }) => {
      const floor = await Floor.clear(sqlite);
      await floor.capacity('mei', 1);
      try {
        const agent = await cast.present(sqlite, 'mei', { locale: 'en' });
        await floor.opens();
        const busy = await cast.customer(sqlite, locale);
        await busy.begin('One before you.');
        const customer = await cast.customer(sqlite, locale);
        const { page, widget, w } = customer;
        await page.goto(`${sqlite.url}/${locale}/`);
        await customer.openWidget();
        const frame = page.frames()[1] as Frame;
        const wrong: string[] = [];
        const check = async (name: string) => {
          wrong.push(...(await look(page, `widget ${name}`, frame, looks[locale])));
        };
        await customer.prepare('transfer_trouble');
        await customer.write('I am waiting in line.');
        await customer.placeSays(w.placeNext);
        await customer.picker.setInputFiles([picture, paper]);
        await widget.locator('.tray-item').nth(1).waitFor();
        await check('queue and tray');
        await customer.write('Two files.');
        await widget.locator('.picture').waitFor();
        await widget.getByRole('button', { name: w.leaveInstead, exact: true }).click();
        await widget.getByRole('dialog').waitFor();
        await check('leave');
        await page.keyboard.press('Escape');
        await widget.locator('.picture').click();
        await widget.getByRole('dialog', { name: w.viewer }).waitFor();
        await check('viewer');
        await page.keyboard.press('Escape');
        const { id } = await floor.conversation('Two files.');
        await floor.answer('mei', id, 'Seen.');
        await customer.sees('Seen.');
        await widget.getByRole('button', { name: w.chatMore, exact: true }).click();
        await check('menu');
        await widget.getByRole('dialog').getByRole('button', { name: w.menuEnd }).click();
        await widget.getByRole('dialog').getByRole('button', { name: w.endYes }).click();
        await widget.locator('.star').nth(2).click();
        await check('rating');
        await customer.choose(w.menuRequests);
        await widget.locator('.request').first().waitFor();
        await check('requests');
        expect(wrong).toEqual([]);
        await agent.page.close();
      } finally {
        await floor.restore();
      }
    });

  for (const locale of locales)
    test(`in what the staff sees, ${locale}`, async ({ cast }) => {
      const floor = await Floor.clear(sqlite);
      await floor.capacity('lin', 1);
      try {
        const agent = await cast.present(sqlite, 'lin', { locale, path: '/queue' });
        const { page, t } = agent;
        const wrong: string[] = [];
        const check = async (name: string) => {
          wrong.push(...(await look(page, `console ${name}`, page, looks[locale])));
          await page.setViewportSize(desktop);
        };
        const one = await cast.customer(sqlite, 'en');
        await one.begin('The one being served.');
        const two = await cast.customer(sqlite, 'en');
        await two.begin('The one who waits.');
        await page.getByRole('list', { name: t.queue.label }).getByText('The one who waits.').waitFor();
        await check('queue');
        await one.picker.setInputFiles([picture, paper]);
        await one.widget.locator('.tray-item').nth(1).waitFor();
        await one.write('See these.');
        await page.goto(`${sqlite.url}/console/inbox/mine`);
        await agent.open('See these.');
        await page.getByRole('button', { name: t.files.open('screen.png') }).waitFor();
        await check('thread with files');
        await page.getByRole('button', { name: t.files.open('screen.png') }).click();
        await page.getByRole('dialog').waitFor();
        await check('picture');
        await page.keyboard.press('Escape');
        await page.keyboard.press('h');
        await page.getByRole('combobox', { name: t.handOver.find }).waitFor();
        await check('hand-over');
        await page.keyboard.press('Escape');
        await agent.becomes('break-15');
        await page.getByRole('dialog').waitFor();
        await check('presence');
        await page.getByRole('button', { name: t.presence.askNo }).click();
        for (const section of ['queue', 'teams']) {
          await page.goto(`${sqlite.url}/console/settings/${section}`);
          await page.locator('main h1').first().waitFor();
          await check(`settings ${section}`);
        }
        await page.locator('main a[href*="/settings/teams/"]').first().click();
        await page.locator('main form').first().waitFor();
        await check('settings of a team');
        expect(wrong).toEqual([]);
      } finally {
        await floor.restore();
      }
    });
});

describe('by keyboard alone', () => {
  test('a customer waits, ends and rates; an agent takes, hands over and goes', async ({ cast }) => {
    const floor = await Floor.clear(sqlite);
    await floor.capacity('mei', 1);
    await floor.capacity('jonas', 1);
    try {
      const agent = await cast.present(sqlite, 'mei');
      await floor.opens();
      const first = await cast.customer(sqlite, 'en');
      await first.begin('Somebody else.');
      const customer = await cast.customer(sqlite, 'en');
      const { page, widget, w } = customer;
      await customer.begin('No mouse here.');
      await customer.placeSays(w.placeNext);
      const keys = agent.page.keyboard;
      await keys.press('g');
      await keys.press('q');
      await agent.page.getByRole('list', { name: agent.t.queue.label }).getByText('No mouse here.').waitFor();
      await keys.press('q');
      await agent.sees('No mouse here.');
      await keys.press('h');
      await agent.page.getByRole('combobox', { name: agent.t.handOver.find }).waitFor();
      await keys.type('Jonas');
      await keys.press('Enter');
      await agent.page.getByRole('textbox', { name: agent.t.handOver.note }).waitFor();
      await keys.type('Asked without a mouse.');
      await keys.press('Control+Enter');
      await agent.page.getByRole('dialog').waitFor({ state: 'detached' });
      await keys.press('s');
      await agent.page.getByRole('combobox').waitFor();
      await keys.type(agent.t.presence.choices['wrap_up'] ?? '');
      await keys.press('Enter');
      await agent.page
        .getByText(agent.t.presence.states['wrap_up'] ?? '', { exact: true })
        .first()
        .waitFor();
      const { id } = await floor.conversation('No mouse here.');
      await floor.answer('jonas', id, 'None needed.');
      await customer.sees('None needed.');

      const focused = widget.locator(':focus');
      const on = (words: string) => async () =>
        (await focused.count()) > 0 &&
        ((await focused.getAttribute('aria-label')) ?? (await focused.innerText())).includes(words);
      await pressUntil(page, 'Shift+Tab', on(w.chatMore));
      await page.keyboard.press('Enter');
      await widget.getByRole('dialog', { name: w.menuTitle }).waitFor();
      await pressUntil(page, 'Tab', on(w.menuEnd));
      await page.keyboard.press('Enter');
      await pressUntil(page, 'Tab', on(w.endYes));
      await page.keyboard.press('Enter');
      await widget.getByText(w.rateTitle).waitFor();
      await pressUntil(page, 'Tab', async () => (await focused.getAttribute('type')) === 'radio');
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await pressUntil(page, 'Tab', on(w.rateSend));
      await page.keyboard.press('Enter');
      await widget.getByText(w.rateGiven(2, w.rateStars[1] ?? '')).waitFor();
    } finally {
      await floor.restore();
    }
  });
});

/** Characters that are written otherwise in Taiwan. */
const simplified =
  /[们这说对时问题电话请号码发开关还东车长门见觉学习网络联图类转账录验证设备动态视频历订单币种务员处为无与业个书买卖队]/u;
/** What is written in Latin letters in every language. */
const latin =
  /\b(Meridian|Exchange|UID|USDT|TRC20|ERC20|TxID|Telegram|VD-\d+|English|API|PIN|SMS|App|AM|PM|URL|ID|BTC|ETH|KYC|QR|P2P|VPN|Google|Authenticator|Email|Memo|Tag|2FA|XRP|TON|Key)\b|(localhost|www)[.:][\w.]+/gi;

test('the widget of Taiwan speaks neither simplified Chinese nor English', async ({ cast }) => {
  const floor = await Floor.clear(sqlite);
  const customer = await cast.customer(sqlite, 'zh-TW', phone);
  const { page, t, w } = customer;
  const wrong: string[] = [];
  const check = async (name: string) => {
    const text = await page.locator('body').innerText();
    for (const line of text.split('\n')) {
      // The languages are named in themselves.
      if (line.includes('简体中文')) continue;
      const rest = line.replaceAll(latin, '');
      if (simplified.test(line)) wrong.push(`${name}: simplified in ${line}`);
      if (/[a-z]{3,}/i.test(rest)) wrong.push(`${name}: ${line}`);
    }
  };
  await page.goto(`${sqlite.url}/app?locale=zh-TW`);
  await page.getByRole('heading', { name: t.greeting }).waitFor();
  await page.locator('.articles .list a').first().waitFor();
  await check('home');
  await page.getByRole('button', { name: new RegExp(t.contact) }).click();
  await page.locator('[data-key=transfer_trouble]').click();
  await check('preparation');
  await page.locator('.prepare [type=submit]').click();
  await page.getByLabel(t.composerLabel).fill('我的提領還沒有到。');
  await page.getByRole('button', { name: t.send, exact: true }).click();
  await page.getByRole('button', { name: w.chatMore, exact: true }).click();
  await page.getByRole('dialog').waitFor();
  await check('chat');
  await page.getByRole('dialog').getByRole('button', { name: w.menuEnd }).click();
  await page.getByRole('dialog').getByRole('button', { name: w.endYes }).click();
  await page.getByRole('button', { name: w.again }).waitFor();
  await check('end');
  await page.getByRole('button', { name: w.chatMore, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: w.menuRequests }).click();
  await page.locator('.request').first().waitFor();
  await check('requests');
  await page.getByRole('button', { name: t.officialShort }).click();
  await page.getByText(w.officialStep2).waitFor();
  await check('official');
  expect(wrong).toEqual([]);
  await floor.waiting(0);
});
