// Everybody who takes part in one test: each person has a browser context of their own, and every page is
// listened to. A console error, an exception or a broken content policy fails the test that saw it.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { inject, test as plain } from 'vitest';
import { Agent, type AgentOptions } from './agent';
import { Api } from './api';
import { Customer } from './customer';
import type { Engine } from './house';
import { ownServer } from './own';
import type { Server } from './server';
import type { Locale, ReadingLocale } from './words';

let connection: Promise<Browser> | undefined;
function browser(): Promise<Browser> {
  return (connection ??= chromium.connect(inject('browser')));
}

/** Where a failed test leaves pictures of what everybody saw. */
const evidence = join(tmpdir(), 'veridesk-e2e-failures');

/** How long the browser may take to close a window, in milliseconds. */
const closing = 5_000;

/** Whose console is not English in the demo. */
const native: ReadonlyMap<string, Locale> = new Map([
  ['lin', 'zh-CN'],
  ['kai', 'zh-CN'],
]);

interface Presence {
  /** Of the browser and of the account. */
  locale?: Locale;
  path?: string;
  context?: BrowserContextOptions;
}

export class Cast {
  readonly problems: string[] = [];
  private readonly contexts: BrowserContext[] = [];
  private readonly servers: (() => Promise<void>)[] = [];
  private readonly afterwards: (() => Promise<unknown>)[] = [];
  private readonly tolerated: RegExp[] = [
    // Asked before anybody has signed in.
    /status of 401.*\/api\/v1\/auth\/me/,
  ];

  /** What the browser itself reports on purpose in this test, such as a request that we made fail. */
  tolerate(...patterns: RegExp[]): void {
    this.tolerated.push(...patterns);
  }

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await (
      await browser()
    ).newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(15_000);
    this.contexts.push(context);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) => {
        // eslint-disable-next-line no-console -- this is how a page tells its test
        console.error(`policy: ${e.effectiveDirective} refused ${e.blockedURI} ${e.sample}`);
      });
    });
    context.on('console', (m) => {
      if (m.type() === 'error') this.note(`${m.text()} ${m.location().url}`);
    });
    context.on('weberror', (e) => {
      this.note(`exception: ${e.error().stack ?? e.error().message}`);
    });
    return context;
  }

  private note(problem: string): void {
    if (!this.tolerated.some((t) => t.test(problem))) this.problems.push(problem);
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    return (await this.context(options)).newPage();
  }

  async customer(
    engine: Pick<Engine, 'url' | 'exchange'>,
    locale: ReadingLocale,
    options: BrowserContextOptions = {},
  ) {
    return new Customer(await this.page({ locale, ...options }), engine, locale);
  }

  /** An installation of this test's own; it goes after everybody has left. */
  async server(engine: Engine, options = { demo: true }): Promise<Server> {
    const { server, end } = await ownServer(engine, options);
    this.servers.push(end);
    return server;
  }

  /** Somebody of the staff, signed in. */
  async agent(engine: Pick<Engine, 'url'>, who: AgentOptions = {}) {
    const { locale = 'en', email = 'mei@meridian.example' } = who;
    // An earlier test may have left them speaking another language.
    await (await Api.of(engine, email))?.speak(locale);
    const agent = new Agent(await this.page({ ...who.context, locale }), engine, locale);
    await agent.signIn(email);
    return agent;
  }

  /** Somebody of the staff who takes work, signed in already, with an address of the console open. */
  async present(
    engine: Pick<Engine, 'url'>,
    who: string,
    { locale = 'en', path = '/inbox/open', context = {} }: Presence = {},
  ): Promise<Agent> {
    const api = await Api.as(engine, `${who}@meridian.example`);
    await api.speak(locale);
    this.afterwards.push(() => api.speak(native.get(who) ?? 'en'));
    await api.put('/me/presence', { state: 'available' });
    const agent = new Agent(await this.page({ ...context, locale }), engine, locale);
    const [name = '', value = ''] = api.cookie.split('=');
    await agent.page.context().addCookies([{ name, value, url: engine.url }]);
    await agent.page.goto(`${engine.url}/console${path}`);
    await agent.live.waitFor();
    return agent;
  }

  async photograph(name: string): Promise<void> {
    mkdirSync(evidence, { recursive: true });
    const file = name.replaceAll(/[^\w-]+/g, '_').slice(0, 80);
    const pages = this.contexts.flatMap((c) => c.pages());
    for (const [i, page] of pages.entries())
      await page
        .screenshot({ path: join(evidence, `${file}-${i}.png`), timeout: 5_000 })
        .catch(() => undefined);
  }

  async leave(): Promise<void> {
    // The browser does not always say that a window is gone; the next test need not wait for it.
    for (const context of this.contexts)
      await Promise.race([context.close(), new Promise((go) => setTimeout(go, closing).unref())]);
    for (const step of this.afterwards) await step();
    for (const end of this.servers) await end();
  }
}

export const test = plain.extend<{ cast: Cast }>({
  cast: async ({}, use) => {
    const cast = new Cast();
    await use(cast);
    await cast.leave();
  },
});

test.afterEach(async ({ cast, task }) => {
  if (task.result?.state === 'fail') await cast.photograph(task.name);
  else if (cast.problems.length > 0) {
    await cast.photograph(task.name);
    throw new Error(`the browser complained:\n${cast.problems.join('\n')}`);
  }
});

export const engines = inject('engines');
export const sqlite = engines[0] as Engine;

/** A test on each engine; one that is not there is reported as skipped, with the reason. */
export function onEachEngine(name: string, body: (cast: Cast, engine: Engine) => Promise<void>): void {
  for (const engine of engines)
    test(`${name} · ${engine.name}`, async ({ cast, skip }) => {
      if (engine.skipped !== '') return skip(engine.skipped);
      await body(cast, engine);
    });
}
