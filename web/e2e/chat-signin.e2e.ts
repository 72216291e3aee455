// Signed in by the exchange. What one customer wrote must follow them, and never be seen by the next one at the same screen.
import { describe, expect } from 'vitest';
import { onEachEngine, sqlite, test } from './stage/cast';
import { phone, type Customer } from './stage/customer';
import { Floor } from './stage/floor';
import { type Locale } from './stage/words';

const lin = '88001234';
const chen = '88005678';
const say = {
  en: ['I am not signed in yet.', 'Now I am.', 'I see your account.', 'This is only for Chen.'],
  'zh-CN': ['我还没有登录。', '现在登录了。', '我看到您的账户了。', '这是陈先生的问题。'],
} as const;

/** The exchange's own sign-in, in the demo a list in the header. */
const signIn = (customer: Customer, uid: string) => customer.page.locator('#customer').selectOption(uid);
/** Everything that the frame shows, and keeps. */
async function traces(customer: Customer): Promise<string> {
  // Asked through a locator: the frame begins anew when somebody else is there.
  return customer.widget
    .locator('body')
    .evaluate((body: HTMLElement) =>
      [
        body.innerText,
        JSON.stringify(localStorage),
        JSON.stringify(sessionStorage),
        document.cookie,
        location.hash,
      ].join('\n'),
    );
}
/** Waits until these words are nowhere in the widget, also while it begins anew. */
async function gone(customer: Customer, words: string): Promise<void> {
  await expect.poll(() => traces(customer).catch(() => words), { timeout: 10_000 }).not.toContain(words);
}
/** Back on the widget's first screen, whatever was open. */
async function toHome(customer: Customer): Promise<void> {
  const back = customer.widget.getByRole('button', { name: customer.t.back, exact: true });
  await expect
    .poll(async () => {
      if (await back.isVisible()) await back.click();
      return customer.widget.getByRole('heading', { name: customer.t.greeting }).count();
    })
    .toBe(1);
}

const whoIsIt = () =>
  onEachEngine(
    'signing in takes the conversation along, signing out leaves nothing',
    async (cast, engine) => {
      const locale: Locale = engine.name === 'SQLite' ? 'zh-CN' : 'en';
      const [before, after, answer, other] = say[locale];
      await Floor.clear(engine);
      const agent = await cast.present(engine, 'mei', { locale });
      const customer = await cast.customer(engine, locale);
      const { widget, t } = customer;
      await customer.begin(before);
      await agent.open(before);
      await agent.page.getByText(agent.t.life.anonymous, { exact: true }).waitFor();

      await signIn(customer, lin);
      await agent.page.getByText(agent.t.life.verified, { exact: true }).waitFor();
      await agent.page.getByText(lin, { exact: false }).first().waitFor();
      await customer.write(after);
      await agent.sees(after);
      await agent.reply(answer);
      await customer.threadIs(before, after, answer);
      // A customer's token is in memory only: whoever takes the device later finds none.
      expect(await traces(customer)).not.toMatch(/eyJ[\w-]+\./);

      await signIn(customer, '');
      await gone(customer, after);
      await widget.getByRole('heading', { name: t.greeting }).waitFor();
      for (const words of [before, after, answer, lin]) expect(await traces(customer)).not.toContain(words);
      await customer.page.reload();
      await customer.openWidget();
      await widget.getByRole('heading', { name: t.greeting }).waitFor();
      expect(await widget.getByText(t.yourConversations).count()).toBe(0);

      await signIn(customer, chen);
      await toHome(customer);
      await customer.prepare('how_to');
      await customer.write(other);
      await customer.sentAll();
      for (const words of [before, after, answer, lin]) expect(await traces(customer)).not.toContain(words);

      // From one straight to the next: the screen is empty before the other's things come.
      await signIn(customer, lin);
      await gone(customer, other);
      await toHome(customer);
      await widget.getByRole('button', { name: new RegExp(answer) }).click();
      await customer.threadIs(before, after, answer);
      expect(await traces(customer)).not.toContain(other);
    },
  );

describe('who is it', () => {
  whoIsIt();

  test('a customer finds their conversations on another device, and the UID is theirs', async ({ cast }) => {
    await Floor.clear(sqlite);
    const desk = await cast.customer(sqlite, 'en');
    await desk.visitExchange();
    await signIn(desk, chen);
    await desk.openWidget();
    await desk.prepare('transfer_trouble');
    await desk.write('Written at the desk.');
    await desk.sentAll();
    const mobile = await cast.customer(sqlite, 'en', phone);
    await mobile.visitExchange();
    await signIn(mobile, chen);
    await mobile.openWidget();
    await mobile.widget.getByRole('button', { name: /Written at the desk/ }).click();
    await mobile.threadIs('Written at the desk.');
    await mobile.write('Written in the tram.');
    await desk.threadIs('Written at the desk.', 'Written in the tram.');
    await mobile.back();
    await mobile.widget.getByRole('button', { name: new RegExp(mobile.t.contact) }).click();
    const uid = mobile.field('uid');
    expect(await uid.inputValue()).toBe(chen);
    expect(await uid.getAttribute('readonly')).not.toBeNull();
  });

  test('what is no good as a sign-in changes nothing', async ({ cast }) => {
    cast.tolerate(/status of 401/);
    await Floor.clear(sqlite);
    const customer = await cast.customer(sqlite, 'en');
    await customer.begin('Nobody in particular.');
    const errors = await customer.page.evaluate(async () => {
      const heard: string[] = [];
      window.Veridesk?.('on', 'error', ({ code }: { code: string }) => heard.push(code));
      const part = (o: object) => btoa(JSON.stringify(o)).replaceAll('=', '');
      const forged = `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: '88001234', aud: 'veridesk' })}.`;
      window.Veridesk?.('identify', { token: forged });
      const deadline = Date.now() + 8_000;
      while (heard.length === 0 && Date.now() < deadline) await new Promise(requestAnimationFrame);
      return heard;
    });
    expect(errors).toEqual(['unauthorized']);
    await customer.write('Still me.');
    await customer.threadIs('Nobody in particular.', 'Still me.');
  });
});
