// The server dies, the network drops, a company proxy breaks WebSockets. What was written must arrive, once.
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { onEachEngine, sqlite, test } from './stage/cast';

const broken = [/net::ERR_/, /WebSocket connection/, /status of (401|50\d)/];

/** Fails the test when the page was loaded anew: recovering must not need that. */
async function mark(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  return async () => {
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
  };
}

const noSockets = (context: BrowserContext) =>
  context.routeWebSocket(/\/realtime\//, (socket) => {
    void socket.close({ code: 1011, reason: 'the proxy does not know this' });
  });

describe('when the server is killed', () => {
  onEachEngine('what both sides wrote meanwhile arrives exactly once', async (cast, engine) => {
    cast.tolerate(...broken, /status of 409/);
    const server = await cast.server(engine);
    const customer = await cast.customer(server, 'en');
    const agent = await cast.agent(server);
    await agent.view('open');
    await customer.begin('Before the lights went out.');
    await agent.open('Before the lights went out.');
    const stayed = [await mark(customer.page), await mark(agent.page)];

    await server.kill();
    await customer.write('Into the dark.');
    await customer.widget
      .getByText(new RegExp(`${customer.t.waitingToSend}|${customer.t.sending}`))
      .first()
      .waitFor();
    await agent.reply('We are still here.');
    await agent.log.getByText(agent.t.sending.waiting).waitFor();
    await server.run();
    await agent.live.waitFor({ timeout: 20_000 });
    await agent.sees('Into the dark.');
    // Whoever comes second finds the other's words there first: then the answer is held back for a look.
    const anyway = agent.page.getByRole('button', { name: agent.t.sending.staleSend });
    const arrived = customer.bubble('We are still here.');
    await expect
      .poll(async () => (await anyway.count()) + (await arrived.count()), { timeout: 20_000 })
      .toBe(1);
    if ((await anyway.count()) > 0) await anyway.click();
    await customer.sees('We are still here.');
    await customer.write('And on we go.');
    await agent.sees('And on we go.');
    await customer.widget
      .getByText(/· (Sent|Read)/)
      .last()
      .waitFor();

    const said = ['Before the lights went out.', 'Into the dark.', 'We are still here.', 'And on we go.'];
    for (const side of [customer, agent]) {
      await expect.poll(async () => (await side.thread()).toSorted()).toEqual(said.toSorted());
    }
    expect(await agent.thread()).toEqual(await customer.thread());
    for (const check of stayed) await check();
  });
});

describe('when the network fails', () => {
  test('a customer without a connection is told, and the message goes out later, once', async ({ cast }) => {
    cast.tolerate(...broken);
    const customer = await cast.customer(sqlite, 'en');
    await customer.begin('In the tunnel soon.');
    const agent = await cast.agent(sqlite);
    await agent.view('open');
    await agent.open('In the tunnel soon.');
    const context = customer.page.context();
    await context.setOffline(true);
    await customer.widget.getByText(customer.t.offline).waitFor();
    await customer.write('From the tunnel.');
    await customer.widget
      .getByText(new RegExp(`${customer.t.waitingToSend}|${customer.t.sending}`))
      .first()
      .waitFor();
    await agent.reply('Take your time.');
    await context.setOffline(false);
    await agent.sees('From the tunnel.');
    await customer.sees('Take your time.');
    await expect.poll(async () => (await customer.thread()).length).toBe(3);
    await agent.threadIs(...(await customer.thread()));
  });

  test('behind a proxy that breaks WebSockets messages still come by themselves', async ({ cast }) => {
    cast.tolerate(...broken);
    const customer = await cast.customer(sqlite, 'en');
    await noSockets(customer.page.context());
    const streams: string[] = [];
    customer.page.on('response', (r) => {
      if (r.url().includes('/realtime/http_stream') && r.ok()) streams.push('customer');
    });
    const agent = await cast.agent(sqlite);
    await noSockets(agent.page.context());
    agent.page.on('response', (r) => {
      if (r.url().includes('/realtime/http_stream') && r.ok()) streams.push('agent');
    });
    await agent.view('open');
    await customer.begin('Behind a proxy.');
    await agent.open('Behind a proxy.');
    await expect.poll(() => new Set(streams), { timeout: 15_000 }).toEqual(new Set(['customer', 'agent']));
    await customer.write('Can you read this?');
    await agent.sees('Can you read this?');
    await agent.reply('Every word.');
    await customer.sees('Every word.');
  });

  test('where nothing live gets through, asking now and then does', async ({ cast }) => {
    cast.tolerate(...broken);
    const customer = await cast.customer(sqlite, 'en');
    const agent = await cast.agent(sqlite);
    for (const { page } of [customer, agent]) {
      await noSockets(page.context());
      await page.context().route(/\/realtime\//, (route) => route.abort());
    }
    await agent.page.goto(`${sqlite.url}/console/inbox/open`);
    await customer.begin('Only plain requests here.');
    await agent.open('Only plain requests here.');
    await customer.write('Slow but sure?');
    await agent.sees('Slow but sure?');
    await agent.reply('Sure.');
    await customer.sees('Sure.');
    await customer.threadIs('Only plain requests here.', 'Slow but sure?', 'Sure.');
  });

  test('a customer whose browser gives the frame no storage can chat all the same', async ({ cast }) => {
    const elsewhere = { ...sqlite, exchange: sqlite.exchange.replace('localhost', '127.0.0.1') };
    const customer = await cast.customer(elsewhere, 'en');
    await customer.begin('Private window, other site.');
    const agent = await cast.agent(sqlite);
    await agent.view('open');
    await agent.open('Private window, other site.');
    await agent.reply('We hear you.');
    await customer.threadIs('Private window, other site.', 'We hear you.');
  });
});
