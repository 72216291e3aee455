// Two people in one conversation: what each sees of the other, and what must never cross.
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { onEachEngine, sqlite, test } from './stage/cast';
import { pressUntil } from './stage/keys';

/** Everything that reaches this page: answers, WebSocket frames, in all its frames. */
function listen(page: Page): () => Promise<string> {
  const heard: Promise<string>[] = [];
  page.on('response', (r) => heard.push(r.text().catch(() => '')));
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => heard.push(Promise.resolve(payload.toString()))),
  );
  // Bodies of endless answers never end; what has not come by now is not waited for.
  return async () =>
    (
      await Promise.all(
        heard.map((h) => Promise.race([h, new Promise<string>((no) => setImmediate(no, ''))])),
      )
    ).join('\n');
}

describe('in the conversation', () => {
  onEachEngine(
    'typing, presence and reading are seen, or both sides talk past each other',
    async (cast, engine) => {
      const customer = await cast.customer(engine, 'en');
      await customer.begin('Where is my withdrawal of 3 SOL?');
      const agent = await cast.agent(engine);
      await agent.view('open');
      await agent.open('Where is my withdrawal of 3 SOL?');
      await agent.page.getByText(agent.t.context.online).first().waitFor();

      await customer.box.pressSequentially('It was');
      await agent.log.getByText(/is typing/).waitFor();
      await agent.box.pressSequentially('Let me');
      await customer.widget.getByText(customer.t.typing('Mei Tan')).waitFor({ state: 'attached' });

      await customer.closeWidget();
      await agent.reply('Let me look that up.');
      await agent.log.getByText(agent.t.thread.delivered, { exact: true }).waitFor();
      await customer.openWidget();
      await agent.log.getByText(agent.t.thread.read, { exact: true }).waitFor();

      await customer.page.close();
      await agent.page.getByText(agent.t.context.online).first().waitFor({ state: 'detached' });
    },
  );

  onEachEngine('a private note never reaches the customer, by any road', async (cast, engine) => {
    const customer = await cast.customer(engine, 'en');
    const heard = listen(customer.page);
    await customer.begin('Can you raise my limit?', 'how_to');
    const agent = await cast.agent(engine);
    await agent.view('open');
    await agent.open('Can you raise my limit?');
    await agent.page.getByRole('button', { name: agent.t.composer.note, exact: true }).click();
    await agent.box.fill('Fraud desk watches this one.');
    await agent.page.getByRole('button', { name: agent.t.composer.addNote, exact: true }).click();
    await agent.sees('Fraud desk watches this one.');
    await agent.page.getByRole('button', { name: agent.t.composer.reply, exact: true }).click();
    await agent.reply('We check and come back to you.');
    await customer.threadIs('Can you raise my limit?', 'We check and come back to you.');
    await customer.page.reload();
    await customer.openWidget();
    await customer.widget.getByRole('button', { name: customer.t.statusWaiting }).click();
    await customer.threadIs('Can you raise my limit?', 'We check and come back to you.');
    const all = await heard();
    expect(all).toContain('We check and come back to you.');
    expect(all).not.toContain('Fraud desk');
  });

  onEachEngine('an answer to what is out of date is held back, and not lost', async (cast, engine) => {
    cast.tolerate(/status of 409/);
    const customer = await cast.customer(engine, 'en');
    await customer.begin('I sent it on ERC20.');
    const agent = await cast.agent(engine);
    let deaf = false;
    await agent.page.routeWebSocket(/\/realtime\//, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((m) => {
        if (!deaf) socket.send(m);
      });
    });
    await agent.view('open');
    await agent.open('I sent it on ERC20.');
    deaf = true;
    await customer.write('Sorry, it was TRC20.');
    await customer.widget.getByText(`· ${customer.t.sent}`).waitFor();
    await agent.reply('ERC20 deposits need 12 confirmations.');
    await agent.page.getByText(agent.t.sending.staleTitle).waitFor();
    await agent.sees('Sorry, it was TRC20.');
    expect(await agent.box.inputValue()).toBe('ERC20 deposits need 12 confirmations.');
    await customer.threadIs('I sent it on ERC20.', 'Sorry, it was TRC20.');
    await agent.reply('TRC20 deposits need 20 confirmations.');
    await customer.sees('TRC20 deposits need 20 confirmations.');
  });
});

describe('without a mouse', () => {
  test('an agent works through the console by keyboard alone', async ({ cast }) => {
    const customer = await cast.customer(sqlite, 'en');
    await customer.begin('Which fee level am I on?', 'how_to');
    const agent = await cast.agent(sqlite, { email: 'jonas@meridian.example' });
    const { page, t } = agent;
    const { keyboard } = page;
    await keyboard.press('Control+k');
    await page.getByRole('combobox', { name: t.palette.label }).waitFor();
    await keyboard.type(t.account.signOut);
    await keyboard.press('Enter');
    await page.getByLabel(t.common.email).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('email');
    await keyboard.type('jonas@meridian.example');
    await keyboard.press('Tab');
    await keyboard.type('meridian-demo');
    await keyboard.press('Enter');
    await agent.isIn();

    await keyboard.press('g');
    await keyboard.press('a');
    await agent.row('Which fee level am I on?').waitFor();
    const selected = page.locator('a[aria-current=true][href*="/all/"]');
    await keyboard.press('j');
    await keyboard.press('j');
    await keyboard.press('k');
    await pressUntil(page, 'k', async () =>
      (await selected.innerText()).includes('Which fee level am I on?'),
    );
    await keyboard.press('Enter');
    await agent.sees('Which fee level am I on?');
    await keyboard.press('r');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await keyboard.type('Level 2; the table is under Fees.');
    await keyboard.press('Control+Enter');
    await customer.sees('Level 2; the table is under Fees.');
    await keyboard.press('Escape');
    await keyboard.press('e');
    await customer.widget.getByText(customer.t.eventResolved).waitFor();

    await keyboard.press('Control+k');
    await keyboard.type(t.views.resolved);
    await keyboard.press('Enter');
    await page.waitForURL(/\/inbox\/resolved/);
    await agent.row('Level 2; the table is under Fees.').waitFor();
    await keyboard.press('?');
    const help = page.getByRole('dialog', { name: t.keys.title });
    await help.waitFor();
    await keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  test('a customer reaches a person by keyboard alone', async ({ cast }) => {
    const customer = await cast.customer(sqlite, 'en');
    const { page, t } = customer;
    const { keyboard } = page;
    await customer.visitExchange();
    await customer.launcher.waitFor();
    const onLauncher = () =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName === 'BUTTON');
    await pressUntil(page, 'Tab', onLauncher);
    await keyboard.press('Enter');
    await customer.widget.getByRole('button', { name: new RegExp(t.contact) }).waitFor();
    const focused = customer.widget.locator(':focus');
    const on = (words: string) => async () =>
      (await focused.count()) > 0 && (await focused.innerText()).includes(words);
    await pressUntil(page, 'Tab', on(t.contact));
    await keyboard.press('Enter');
    await customer.widget.getByText(t.prepareTitle).waitFor();
    await pressUntil(page, 'Tab', async () => (await focused.getAttribute('type')) === 'radio');
    await keyboard.press('Space');
    await pressUntil(page, 'Tab', async () => (await focused.getAttribute('type')) === 'submit');
    await keyboard.press('Enter');
    await expect.poll(() => focused.getAttribute('aria-label')).toBe(t.composerLabel);
    await keyboard.type('No mouse, still a question.');
    await keyboard.press('Enter');
    await customer.sees('No mouse, still a question.');
    await customer.widget.getByText(t.sent).waitFor();
    await keyboard.press('Escape');
    await expect.poll(onLauncher).toBe(true);
  });
});
