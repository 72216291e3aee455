// The main job. If this fails, customers wait for answers that never come.
import { describe, expect } from 'vitest';
import { onEachEngine } from './stage/cast';
import { locales, outside, type Locale } from './stage/words';

const talk = {
  en: {
    first: 'My deposit of 120 USDT has not arrived since this morning.',
    answer: 'Thank you. Please send us the transaction id, nothing else.',
    second: 'It is 9f31c0aa, sent at 08:12.',
    last: 'Credited. Anything else?',
  },
  'zh-CN': {
    first: '我今天早上充值的 120 USDT 还没有到账。',
    answer: '谢谢，请只把交易哈希发给我们。',
    second: '哈希是 9f31c0aa，08:12 发出。',
    last: '已经到账，还有其他问题吗？',
  },
} as const;
const desk = { en: 'mei@meridian.example', 'zh-CN': 'lin@meridian.example' } as const;

const path = (locale: Locale) =>
  onEachEngine(
    `a customer who was not helped by an article is answered by a person, ${locale}`,
    async (cast, engine) => {
      const say = talk[locale];
      const agent = await cast.agent(engine, { email: desk[locale], locale });
      await agent.view('open');
      const customer = await cast.customer(engine, locale);
      const { page, widget, t } = customer;

      await customer.visitExchange();
      await page.getByRole('navigation').getByRole('link', { name: outside[locale].help }).click();
      await page.waitForURL(`${engine.url}/${locale}/`);
      const search = page.locator('main input[name=q]');
      await search.fill(outside[locale].query);
      await search.press('Enter');
      await page.locator('mark').first().waitFor();
      await page.locator('ol.hits a').first().click();
      await page.locator('article.prose').waitFor();
      await page.locator('main [data-chat]').last().click();

      await widget.locator('main').waitFor();
      await customer.prepare('transfer_trouble', '204918377');
      const before = await agent.unread();
      await customer.write(say.first);
      await agent.row(say.first).waitFor();
      expect(await agent.row(say.first).innerText()).toContain(agent.t.list.unreadMark);
      await expect.poll(() => agent.unread()).toBe(before + 1);

      await agent.open(say.first);
      await expect.poll(() => agent.unread()).toBe(before);
      await widget.getByText(t.read).waitFor();
      await customer.closeWidget();
      await agent.reply(say.answer);
      await page
        .getByRole('button', { name: `${outside[locale].contact} (1 ${outside[locale].unread})` })
        .waitFor();
      await customer.openWidget();
      await customer.sees(say.answer);
      await agent.log.getByText(agent.t.thread.read, { exact: true }).waitFor();

      await customer.write(say.second);
      await agent.sees(say.second);
      await agent.reply(say.last);
      await customer.sees(say.last);
      await agent.resolve();
      await widget.getByText(t.eventResolved).waitFor();

      const whole = [say.first, say.answer, say.second, say.last];
      await customer.threadIs(...whole);
      await agent.threadIs(...whole);
      await page.reload();
      await customer.launcher.waitFor();
      expect(await customer.launcher.getAttribute('aria-label')).toBe(outside[locale].contact);
      await customer.openWidget();
      await widget.getByRole('button', { name: t.statusResolved }).click();
      await customer.threadIs(...whole);
      await agent.page.reload();
      await agent.threadIs(...whole);
      expect(await agent.unread()).toBe(before);
    },
  );

describe('the path', () => {
  for (const locale of locales) path(locale);
});
