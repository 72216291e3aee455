// A database of our own on the server that VERIDESK_TEST_POSTGRES names.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Database {
  url: string;
  drop: () => Promise<void>;
}

export async function createDatabase(server: string): Promise<Database> {
  const name = `veridesk_e2e_${randomBytes(4).toString('hex')}`;
  const sql = (statement: string) =>
    run('psql', [server, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', statement]);
  await sql(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await sql(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
