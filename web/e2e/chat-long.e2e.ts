// A conversation that has gone on for ever. It opens as fast as a short one, on both sides.
import { describe, expect } from 'vitest';
import { sqlite, test } from './stage/cast';
import { Floor } from './stage/floor';

const many = 10_000;

describe('ten thousand messages', () => {
  test(
    'open at once and scroll back, with few of them on the page',
    { timeout: 120_000 },
    async ({ cast }) => {
      const floor = await Floor.clear(sqlite);
      const customer = await cast.customer(sqlite, 'en');
      const { page, widget } = customer;
      await customer.begin('The very first.');
      const { id } = await floor.conversation('The very first.');
      let next = 0;
      // The customer looks at something else meanwhile.
      await page.goto('about:blank');
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          while (next < many) {
            const n = ++next;
            await floor.answer('mei', id, `Line ${n} of many, about a transfer that is on its way.`);
          }
        }),
      );

      const last = new RegExp(`^Line \\d+ of many`);
      await customer.visitExchange();
      await customer.openWidget();
      const row = widget.getByRole('button', { name: /Line \d+ of many/ });
      await row.waitFor();
      let began = performance.now();
      await row.click();
      await widget.locator('.bubble').filter({ hasText: last }).last().waitFor();
      expect(performance.now() - began).toBeLessThan(2_500);
      const nodes = () => widget.locator('body').evaluate(() => document.querySelectorAll('*').length);
      expect(await nodes()).toBeLessThan(2_500);
      const scroller = widget.locator('.messages');
      const oldest = async () => {
        const found = (await widget.locator('.bubble').allInnerTexts()).map((s) =>
          Number(/^Line (\d+)/.exec(s)?.[1]),
        );
        return Math.min(...found.filter((n) => n > 0));
      };
      const start = await oldest();
      for (let i = 0; i < 12; i++) {
        const before = await oldest();
        await scroller.evaluate((s) => (s.scrollTop = 0));
        await expect.poll(oldest, { timeout: 10_000 }).toBeLessThan(before);
      }
      expect(start - (await oldest())).toBeGreaterThan(300);
      expect(await nodes()).toBeLessThan(4_000);
      await widget.getByRole('button', { name: customer.t.jumpNewest }).click();
      await expect
        .poll(() => scroller.evaluate((s) => s.scrollHeight - s.scrollTop - s.clientHeight))
        .toBeLessThan(60);

      const agent = await cast.present(sqlite, 'mei', { path: '/inbox/all' });
      const line = agent.row('of many');
      await line.first().waitFor();
      began = performance.now();
      await line.first().click();
      await agent.log.getByText(last).last().waitFor();
      expect(performance.now() - began).toBeLessThan(2_500);
      const size = () => agent.page.evaluate(() => document.querySelectorAll('[role=log] *').length);
      const seen = async () => {
        const found = (await agent.log.locator('article .text-md').allInnerTexts()).map((s) =>
          Number(/^Line (\d+)/.exec(s)?.[1]),
        );
        return Math.min(...found.filter((n) => n > 0));
      };
      for (let i = 0; i < 12; i++) {
        const before = await seen();
        await agent.log.evaluate((s) => (s.scrollTop = 0));
        await expect.poll(seen, { timeout: 10_000 }).toBeLessThan(before);
      }
      expect(await size()).toBeLessThan(4_000);
      await agent.page.getByRole('button', { name: agent.t.thread.toLatest }).click();
      await customer.write('Enough, thank you.');
      await agent.sees('Enough, thank you.');
    },
  );
});
