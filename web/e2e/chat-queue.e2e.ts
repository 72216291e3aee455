// Waiting. Whoever waits must see that they are not forgotten, and nobody's question may stay with somebody who has left.
import { describe, expect } from 'vitest';
import { sqlite, test, onEachEngine } from './stage/cast';
import { phone } from './stage/customer';
import { Floor } from './stage/floor';
import { locales, type Locale } from './stage/words';

const say = {
  en: ['The first of three.', 'The second of three.', 'The third of three.', 'Look at the second deposit.'],
  'zh-CN': ['三个里的第一个。', '三个里的第二个。', '三个里的第三个。', '请看第二笔充值。'],
} as const;
const names = { en: ['Mei Tan', 'Jonas Weber'], 'zh-CN': ['Mei Tan', 'Jonas Weber'] } as const;

describe('in line', () => {
  onEachEngine(
    'everybody sees their place, and nobody is left with somebody who went',
    async (cast, engine) => {
      const locale: Locale = engine.name === 'SQLite' ? 'en' : 'zh-CN';
      const [first, second, third, note] = say[locale];
      const [mei, jonas] = names[locale];
      const floor = await Floor.clear(engine);
      await floor.capacity('mei', 1);
      try {
        const a = await cast.present(engine, 'mei', { locale });
        await floor.opens();
        const one = await cast.customer(engine, locale);
        const two = await cast.customer(engine, locale, phone);
        const three = await cast.customer(engine, locale, phone);
        await one.begin(first);
        await one.servedBy(mei);
        await two.begin(second);
        await two.placeSays(two.w.placeNext);
        await three.begin(third);
        await three.placeSays(three.w.placeNumber(2));
        // A range or nothing, but never a promise out of thin air.
        expect(await three.place.locator('span').innerText()).toMatch(
          new RegExp(`${three.w.placeWaitUnknown}|${three.w.placeWait(1, 1)}|\\d`),
        );

        const b = await cast.present(engine, 'jonas', { locale, path: '/inbox/mine' });
        await two.servedBy(jonas);
        await three.servedBy(jonas);
        await b.row(second).waitFor();
        await b.row(third).waitFor();
        await b.open(third);
        await b.reply(note);
        await three.sees(note);

        // What was not answered goes back, what was answered stays.
        await b.becomes('away', true);
        await two.placeSays(two.w.placeNext);
        await three.servedBy(jonas);
        await a.page.getByRole('link', { name: new RegExp(`^${a.t.queue.title}`) }).click();
        await a.page.getByRole('list', { name: a.t.queue.label }).getByText(second).waitFor();
        await a.page.getByRole('button', { name: a.t.queue.takeNextShort }).click();
        await a.sees(second);
        await two.servedBy(mei);

        await b.becomes('available');
        await a.handOver(jonas, note);
        await two.servedBy(jonas);
        await b.row(second).click();
        await b.sees(note);
        expect(await two.thread()).not.toContain(note);
      } finally {
        await floor.restore();
      }
    },
  );

  test('who is full gets the next one by resolving; who waits may leave a message instead', async ({
    cast,
  }) => {
    const floor = await Floor.clear(sqlite);
    await floor.capacity('mei', 1);
    try {
      const agent = await cast.present(sqlite, 'mei');
      await floor.opens();
      const [one, two] = [await cast.customer(sqlite, 'en'), await cast.customer(sqlite, 'en', phone)];
      await one.begin('I am being served.');
      await one.servedBy('Mei Tan');
      await two.begin('I would rather go.');
      await two.placeSays(two.w.placeNext);
      await two.widget.getByRole('button', { name: two.w.leaveInstead, exact: true }).click();
      const sheet = two.widget.getByRole('dialog', { name: two.w.leaveTitle });
      await sheet.getByRole('textbox').fill('not an address');
      await sheet.getByRole('button', { name: two.w.leaveYes }).click();
      await sheet.getByText(two.w.emailWrong).waitFor();
      await sheet.getByRole('textbox').fill('wanderer@customers.example');
      await sheet.getByRole('button', { name: two.w.leaveYes }).click();
      await sheet.getByText(two.w.leaveDone).waitFor();
      await two.page.close();

      await agent.open('I am being served.');
      await agent.resolve();
      await agent.row('I would rather go.').click();
      await agent.page
        .getByText(agent.t.life.byMail('wanderer@customers.example'))
        .first()
        .waitFor({ timeout: 15_000 });
      await agent.reply('We found it; nothing is lost.');
      // The mail itself waits a minute for further answers: reply_away_test.go has the clock for that.
      await agent.sees('We found it; nothing is lost.');
    } finally {
      await floor.restore();
    }
  });
});

describe('outside the hours', () => {
  for (const locale of locales)
    test(`one reads why and until when, and leaves a message with an address, ${locale}`, async ({
      cast,
    }) => {
      const holiday = { en: 'Founders’ Day', 'zh-CN': '公司纪念日' };
      const question = { en: 'Read this when you are back.', 'zh-CN': '回来后请看一下。' }[locale];
      const floor = await Floor.clear(sqlite);
      const date = new Date().toISOString().slice(0, 10);
      await floor.team({
        hours: { zone: 'UTC', week: null, holidays: [{ date, name: holiday, open: null }] },
      });
      try {
        const agent = await cast.present(sqlite, 'mei', { locale });
        const customer = await cast.customer(sqlite, locale, phone);
        const { widget, t } = customer;
        await customer.visitExchange();
        await expect
          .poll(
            async () => {
              await customer.page.reload();
              await customer.openWidget();
              return widget.getByText(t.contactClosed).count();
            },
            { timeout: 15_000, interval: 500 },
          )
          .toBe(1);
        await widget.getByRole('button', { name: new RegExp(t.contact) }).click();
        await widget.getByText(t.closedHoliday(holiday[locale])).waitFor();
        await customer.field('email').fill('patient@customers.example');
        await widget.getByRole('button', { name: t.prepareLeave }).click();
        await customer.write(question);
        await customer.sentAll();
        await customer.page.close();
        await agent.open(question);
        await agent.page.getByText(agent.t.life.byMail('patient@customers.example')).first().waitFor();
      } finally {
        await floor.team({ hours: { zone: '', week: null, holidays: null } });
      }
    });
});
