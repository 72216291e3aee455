// Started once for the whole run: the browser, and a demo per engine.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { createDatabase } from './postgres';
import { binary, Server } from './server';

export interface Engine {
  name: 'SQLite' | 'PostgreSQL';
  /** Addresses of the running demo; '' when there is none. */
  url: string;
  exchange: string;
  /** Why it is not tested; '' when it is. */
  skipped: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    browser: string;
    engines: Engine[];
  }
}

function onPath(...names: string[]): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        continue;
      }
    }
  return undefined;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const leave: (() => Promise<void>)[] = [];
  const teardown = async () => {
    for (const step of leave.reverse()) await step();
  };
  try {
    await open(project, leave);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function open(project: TestProject, leave: (() => Promise<void>)[]): Promise<void> {
  const executablePath = onPath('chromium', 'chromium-browser', 'google-chrome');
  if (executablePath === undefined) throw new Error('Chromium is not installed');
  try {
    accessSync(binary, constants.X_OK);
  } catch {
    throw new Error(`there is no ${binary}: run "make build", or name another in E2E_BINARY`);
  }
  const browser = await chromium.launchServer({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  leave.push(() => browser.close());
  project.provide('browser', browser.wsEndpoint());

  const start = async (name: Engine['name'], database?: string): Promise<Engine> => {
    const server = await Server.start({ demo: true, ...(database === undefined ? {} : { database }) });
    leave.push(() => server.close());
    return { name, url: server.url, exchange: server.exchange, skipped: '' };
  };
  const engines = [await start('SQLite')];
  const address = process.env['VERIDESK_TEST_POSTGRES'] ?? '';
  const skip = (skipped: string) => {
    if (process.env['VERIDESK_REQUIRE_POSTGRES'] === '1')
      throw new Error(`PostgreSQL is required: ${skipped}`);
    engines.push({ name: 'PostgreSQL', url: '', exchange: '', skipped });
  };
  if (address === '') skip('VERIDESK_TEST_POSTGRES names no server');
  else if (onPath('psql') === undefined) skip('psql is not installed');
  else {
    const database = await createDatabase(address);
    leave.push(database.drop);
    engines.push(await start('PostgreSQL', database.url));
  }
  project.provide('engines', engines);
}
