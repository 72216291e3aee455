// The real binary, as an operator would start it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { until } from './wait';

export const binary = resolve(
  process.env['E2E_BINARY'] ?? join(import.meta.dirname, '../../../bin/veridesk'),
);

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const address = probe.address();
  await new Promise((done) => probe.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

export interface ServerOptions {
  demo: boolean;
  /** postgres:// address; without one SQLite in the data folder. */
  database?: string;
  /** Further settings, as variables. */
  env?: Readonly<Record<string, string>>;
}

/** One installation: its data, its addresses, and the process that serves them while it runs. */
export class Server {
  /** What the process printed, both streams. */
  output = '';
  private process: ChildProcess | undefined;

  private constructor(
    private readonly options: ServerOptions,
    private readonly data: string,
    readonly port: number,
    private readonly exchangePort: number,
  ) {}

  /** The help center, console and API. localhost, because passkeys refuse a bare address. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }
  /** The fictional exchange's own page: another origin, the same site. */
  get exchange(): string {
    return `http://localhost:${this.exchangePort}`;
  }

  static async start(options: ServerOptions): Promise<Server> {
    const data = await mkdtemp(join(tmpdir(), 'veridesk-e2e-'));
    const server = new Server(options, data, await freePort(), await freePort());
    try {
      await server.run();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Starts the process and waits until it serves. */
  async run(): Promise<void> {
    const child = spawn(
      binary,
      [
        'serve',
        ...(this.options.demo ? ['--demo'] : []),
        '--listen',
        `127.0.0.1:${this.port}`,
        '--data',
        this.data,
      ],
      {
        env: this.environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.process = child;
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    await until(`veridesk serves on ${this.url}`, 30_000, async () => {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null) throw new Error(`veridesk ended:\n${this.output}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok === true;
    });
  }

  private get environment(): NodeJS.ProcessEnv {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('VERIDESK_'));
    return {
      ...Object.fromEntries(own),
      VERIDESK_DEMO_LISTEN: `127.0.0.1:${this.exchangePort}`,
      ...(this.options.database === undefined ? {} : { VERIDESK_DATABASE: this.options.database }),
      ...this.options.env,
    };
  }

  /** Runs another command on this installation and gives what it printed. */
  async command(...args: string[]): Promise<string> {
    const run = promisify(execFile);
    const { stdout, stderr } = await run(binary, [...args, '--data', this.data], { env: this.environment });
    return stdout + stderr;
  }

  /** Pulls the plug: no shutdown, no goodbye. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Stops the process and removes the data. */
  async close(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await ended;
    clearTimeout(late);
  }
}
