// One installation under test: a node with SQLite, or two on PostgreSQL and Redis.
import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Message } from '../../sdk';
import { createDatabase } from '../stage/postgres';
import { Server } from '../stage/server';
import type { Road } from './line';

/** A wire to another server that can be cut and mended. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private broken = false;
  private readonly server = createServer((socket) => {
    if (this.broken) return void socket.destroy();
    const far = connect(this.port, this.host);
    for (const s of [socket, far]) {
      this.sockets.add(s);
      s.on('error', () => undefined);
      s.on('close', () => {
        this.sockets.delete(s);
        socket.destroy();
        far.destroy();
      });
    }
    socket.pipe(far).pipe(socket);
  });

  private constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  static async to(address: string): Promise<Wire> {
    const at = address.lastIndexOf(':');
    const wire = new Wire(address.slice(0, at), Number(address.slice(at + 1)));
    await new Promise<void>((done) => wire.server.listen(0, '127.0.0.1', done));
    return wire;
  }
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  cut(): void {
    this.broken = true;
    for (const s of this.sockets) s.destroy();
  }
  mend(): void {
    this.broken = false;
  }
  async close(): Promise<void> {
    this.cut();
    await new Promise((done) => this.server.close(done));
  }
}

export class House {
  /** Of the first administrator. */
  private cookie = '';
  private readonly leave: (() => Promise<void>)[] = [];
  readonly nodes: Server[] = [];
  /** Between the nodes and Redis. */
  redis: Wire | undefined;

  private constructor() {}

  static async sqlite(): Promise<House> {
    const house = new House();
    await house.open(1, {});
    return house;
  }

  /** @param postgres address of a server @param redis host:port */
  static async twoNodes(postgres: string, redis: string): Promise<House> {
    const house = new House();
    try {
      const database = await createDatabase(postgres);
      house.leave.push(database.drop);
      const wire = await Wire.to(redis);
      house.redis = wire;
      house.leave.push(() => wire.close());
      await house.open(2, {
        VERIDESK_DATABASE: database.url,
        VERIDESK_REDIS: `redis://${wire.address}/0`,
        VERIDESK_MASTER_KEY: randomBytes(32).toString('base64'),
      });
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  private async open(nodes: number, settings: Record<string, string>): Promise<void> {
    // Everybody comes from an address of their own, as through a load balancer.
    const env = { ...settings, VERIDESK_TRUSTED_PROXIES: '127.0.0.1/32' };
    try {
      for (let i = 0; i < nodes; i++) {
        const first = this.nodes[0];
        const own: Record<string, string> = first === undefined ? {} : { VERIDESK_PUBLIC_URL: first.url };
        const node = await Server.start({ demo: false, env: { ...env, ...own } });
        this.leave.push(() => node.close());
        this.nodes.push(node);
      }
      await this.furnish();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get road(): Road {
    return { ports: this.nodes.map((n) => n.port), host: new URL(this.first.url).host };
  }
  private get first(): Server {
    const [first] = this.nodes;
    if (first === undefined) throw new Error('the house has no node');
    return first;
  }

  private async furnish(): Promise<void> {
    const [, token = ''] = /\/setup\/(\S+)/.exec(this.first.output) ?? [];
    const answer = await fetch(`${this.first.url}/api/v1/auth/setup/${token}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        name: 'Ada',
        email: 'ada@meridian.example',
        password: 'Ada opens the desk',
        locale: 'en',
      }),
    });
    if (!answer.ok) throw new Error(`no administrator: ${answer.status} ${await answer.text()}`);
    this.cookie = answer.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
  }

  /** The token of an invitation, for one of the support team. */
  async invite(email: string): Promise<string> {
    const { teams } = await this.ask<{ teams: { id: string }[] }>('GET', '/staff/teams');
    const team =
      teams[0] ??
      (await this.ask<{ team: { id: string } }>('POST', '/staff/teams', { name: 'Support' })).team;
    const { link } = await this.ask<{ link: string }>('POST', '/staff/invitations', {
      email,
      role: 'agent',
      teams: [team.id],
      locale: 'en',
    });
    return new URL(link).pathname.split('/').at(-1) ?? '';
  }

  /** What the database holds of a conversation, in its order. */
  async messages(conversation: string): Promise<Message[]> {
    const all: Message[] = [];
    for (let more = true; more;) {
      const since = all.at(-1)?.seq ?? 0;
      const page = await this.ask<{ messages: Message[]; more: boolean }>(
        'GET',
        `/conversations/${conversation}/messages?limit=200&since=${since}`,
      );
      all.push(...page.messages);
      more = page.more;
    }
    return all;
  }
  /** The number of all conversations. */
  async conversations(): Promise<number> {
    let count = 0;
    for (let cursor = '', more = true; more;) {
      const page = await this.ask<{ conversations: unknown[]; next?: string }>(
        'GET',
        `/conversations?view=all&limit=100&cursor=${encodeURIComponent(cursor)}`,
      );
      count += page.conversations.length;
      cursor = page.next ?? '';
      more = cursor !== '';
    }
    return count;
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.first.url}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Cookie: this.cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async close(): Promise<void> {
    for (const step of this.leave.splice(0).reverse()) await step();
  }
}
