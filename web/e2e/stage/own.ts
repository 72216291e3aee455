import type { Engine } from './house';
import { createDatabase } from './postgres';
import { Server, type ServerOptions } from './server';

/** An installation for one test that treats it roughly; ends with the `await using` that holds it. */
export async function ownServer(engine: Engine, options: Omit<ServerOptions, 'database'> = { demo: true }) {
  const database =
    engine.name === 'PostgreSQL' ? await createDatabase(process.env['VERIDESK_TEST_POSTGRES'] ?? '') : undefined;
  const server = await Server.start({ ...options, ...(database && { database: database.url }) });
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await database?.drop();
    },
  });
}
