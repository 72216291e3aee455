import type { Engine } from './house';
import { createDatabase } from './postgres';
import { Server, type ServerOptions } from './server';

/** An installation for one test that treats it roughly, and what ends it. */
export async function ownServer(
  engine: Engine,
  options: Omit<ServerOptions, 'database'>,
): Promise<{ server: Server; end: () => Promise<void> }> {
  const database =
    engine.name === 'PostgreSQL'
      ? await createDatabase(process.env['VERIDESK_TEST_POSTGRES'] ?? '')
      : undefined;
  const server = await Server.start({ ...options, ...(database && { database: database.url }) });
  return {
    server,
    end: async () => {
      await server.close();
      await database?.drop();
    },
  };
}
