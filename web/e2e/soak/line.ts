// One person's way to the servers: what a browser adds to a request, and everything that can go wrong between.
import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dice } from './dice';
import { FrameSieve, sieveLines } from './frames';
import type { Tally } from './tally';
import { Belt } from './belt';

/** What is wrong with a line at the moment. Probabilities are of [0, 1]. */
export interface Faults {
  /** Every connection is refused. */
  down: boolean;
  /** Everything is taken and nothing answered. */
  hole: boolean;
  /** Everything is answered by somebody else's page, as hotels do. */
  portal: boolean;
  /** hung: a connection that is never upgraded. */
  socket: 'open' | 'refused' | 'hung';
  /** buffered: by a proxy that waits for the end of the answer. */
  stream: 'open' | 'refused' | 'buffered';
  /** At most, in milliseconds, for every piece by itself; order within a connection is kept. */
  delay: number;
  /** The server has answered; nobody hears it. */
  swallow: number;
  /** Half of an answer comes. */
  cutShort: number;
  /** A proxy repeats a request whose answer was too slow for it. */
  twice: number;
  /** Publications that do not arrive, and such that arrive twice. */
  lost: number;
  echo: number;
}

export const clear: Readonly<Faults> = {
  down: false,
  hole: false,
  portal: false,
  socket: 'open',
  stream: 'open',
  delay: 0,
  swallow: 0,
  cutShort: 0,
  twice: 0,
  lost: 0,
  echo: 0,
};

export interface Road {
  /** Ports of the nodes on the loopback. A line that finds its own closed takes the next. */
  ports: readonly number[];
  /** Host and port of the installation's public address. */
  host: string;
}

const page = '<!doctype html><title>Welcome to our hotel</title><p>Please accept the terms.</p>';
const upstream = new Agent({ keepAlive: true, maxSockets: Infinity });
const refusal = 'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export class Line {
  readonly faults: Faults = { ...clear };
  private readonly jar = new Map<string, string>();
  private readonly sockets = new Set<Duplex>();
  private readonly server: Server;
  private node: number;
  /** Open at the moment. */
  private webSockets = 0;
  private streams = 0;

  private constructor(
    private readonly road: Road,
    /** The client's address, as a load balancer would tell it. */
    private readonly address: string,
    private readonly dice: Dice,
    private readonly tally: Tally,
  ) {
    this.node = dice.between(0, road.ports.length - 1);
    this.server = createServer((req, res) => {
      // Whatever goes wrong with a request is what its sender sees: a connection that ends.
      this.handle(req, res).catch(() => res.destroy());
    });
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket: Socket) => {
      socket.on('error', () => undefined);
      if (this.faults.down) socket.destroy();
      this.watch(socket);
    });
    this.server.on('upgrade', (req, socket, head) => {
      this.upgrade(req, socket, head);
    });
  }

  static async open(road: Road, address: string, dice: Dice, tally: Tally): Promise<Line> {
    const line = new Line(road, address, dice, tally);
    await new Promise<void>((done) => line.server.listen(0, '127.0.0.1', done));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  get transport(): 'websocket' | 'stream' | 'polling' {
    return this.webSockets > 0 ? 'websocket' : this.streams > 0 ? 'stream' : 'polling';
  }

  /** Every connection ends now, whatever was under way in it. */
  cut(): void {
    for (const s of this.sockets) s.destroy();
  }

  async close(): Promise<void> {
    this.faults.down = true;
    const closed = new Promise((done) => this.server.close(done));
    this.cut();
    await closed;
  }

  private watch(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }

  private get wait(): number {
    return this.faults.delay === 0 ? 0 : this.dice.between(0, this.faults.delay);
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { faults } = this;
    const body = await collect(req);
    if (faults.down) return void req.socket.destroy();
    if (faults.hole) return;
    if (faults.portal) {
      res.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
      return;
    }
    const stream = req.url?.startsWith('/realtime/http_stream') ?? false;
    if (stream && faults.stream === 'refused') {
      res.writeHead(403, { 'Content-Length': 0 }).end();
      return;
    }
    await pause(this.wait);
    if (!stream && faults.twice > 0 && req.method === 'POST' && this.dice.chance(faults.twice)) {
      this.tally.add('requests repeated');
      void this.ask(req, body).then(collect, () => undefined);
    }
    const answer = await this.ask(req, body).catch(() => undefined);
    if (answer === undefined) {
      // A load balancer says it in its own words, or the connection breaks.
      if (this.dice.chance(0.5))
        res.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>');
      else res.destroy();
      return;
    }
    this.keepCookies(answer);
    if (stream && answer.statusCode === 200) this.stream(answer, res);
    else await this.answer(req, answer, res);
  }

  private async answer(req: IncomingMessage, answer: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = await collect(answer);
    const { faults, dice, tally } = this;
    if (faults.swallow > 0 && dice.chance(faults.swallow)) {
      const stored = req.method === 'POST' && answer.statusCode === 201;
      tally.add(stored ? 'answers lost after the commit' : 'other answers lost');
      return void res.destroy();
    }
    await pause(this.wait);
    const headers: OutgoingHttpHeaders = { ...answer.headers, 'content-length': text.length };
    delete headers['transfer-encoding'];
    delete headers['connection'];
    if (answer.statusCode === 204) delete headers['content-length'];
    res.writeHead(answer.statusCode ?? 502, headers);
    if (text.length > 1 && faults.cutShort > 0 && dice.chance(faults.cutShort)) {
      tally.add('answers cut short');
      res.write(text.subarray(0, text.length >> 1), () => res.destroy());
    } else res.end(text);
  }

  private stream(answer: IncomingMessage, res: ServerResponse): void {
    const belt = new Belt();
    let rest = '';
    this.streams++;
    this.tally.add('streams');
    res.writeHead(200, { 'Content-Type': answer.headers['content-type'] ?? 'text/plain' });
    res.flushHeaders();
    res.on('close', () => {
      this.streams--;
      answer.destroy();
    });
    answer.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      const kept = sieveLines(lines, this.copies).map((l) => `${l}\n`);
      if (this.faults.stream === 'open') belt.put(this.wait, () => void res.write(kept.join('')));
    });
    answer.on('error', () => undefined);
    answer.on('close', () => belt.put(0, () => void res.destroy()));
  }

  private upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.watch(socket);
    const { faults } = this;
    if (faults.down) return void socket.destroy();
    if (faults.hole || faults.socket === 'hung') return;
    if (faults.portal)
      return void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
    if (faults.socket === 'refused') return void socket.end(refusal);
    this.dial(this.node, this.road.ports.length, (server) => {
      if (server === undefined || socket.destroyed) return void socket.destroy();
      this.join(req, socket, server, head);
    });
  }

  /** Connects to a node, or to the next one when that is closed. */
  private dial(node: number, left: number, done: (server: Socket | undefined) => void): void {
    if (left === 0) return done(undefined);
    const server = connect(this.road.ports[node] ?? 0, '127.0.0.1');
    const next = () => {
      this.node = (node + 1) % this.road.ports.length;
      this.dial(this.node, left - 1, done);
    };
    server.once('error', next);
    server.once('connect', () => {
      server.off('error', next);
      server.setNoDelay(true);
      done(server);
    });
  }

  private join(req: IncomingMessage, client: Duplex, server: Socket, head: Buffer): void {
    const belt = new Belt();
    const sieve = new FrameSieve(this.copies);
    let opening: Buffer = Buffer.alloc(0);
    let open = false;
    this.watch(server);
    const lines = Object.entries(this.headers(req.headers)).map(
      ([name, value]) => `${name}: ${String(value)}\r\n`,
    );
    server.write(`GET ${req.url ?? ''} HTTP/1.1\r\n${lines.join('')}\r\n`);
    server.write(head);
    const on = (bytes: Buffer) => {
      if (bytes.length > 0) belt.put(this.wait, () => void (client.destroyed || client.write(bytes)));
    };
    server.on('data', (chunk: Buffer) => {
      if (this.faults.hole) return;
      if (open) return on(sieve.pass(chunk));
      opening = Buffer.concat([opening, chunk]);
      const end = opening.indexOf('\r\n\r\n');
      if (end < 0) return;
      open = true;
      on(opening.subarray(0, end + 4));
      on(sieve.pass(opening.subarray(end + 4)));
    });
    this.webSockets++;
    this.tally.add('WebSockets');
    client.on('data', (chunk: Buffer) => void (this.faults.hole || server.destroyed || server.write(chunk)));
    // An upgraded socket of Node's HTTP server stays half open otherwise.
    client.on('end', () => void client.destroy());
    client.on('close', () => {
      this.webSockets--;
      server.destroy();
    });
    server.on('close', () => belt.put(0, () => void client.destroy()));
  }

  /** How often a line of the realtime protocol is passed on. */
  private readonly copies = (line: string): number => {
    const { lost, echo } = this.faults;
    if ((lost === 0 && echo === 0) || !line.startsWith('{"push"') || !line.includes('"pub"')) return 1;
    if (this.dice.chance(lost)) {
      this.tally.add('publications dropped');
      return 0;
    }
    if (!this.dice.chance(echo)) return 1;
    this.tally.add('publications doubled');
    return 2;
  };

  private async ask(req: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    for (let left = this.road.ports.length; ; left--) {
      try {
        return await this.askNode(this.node, req, body);
      } catch (error) {
        const closed = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        if (!closed || left <= 1) throw error;
        this.node = (this.node + 1) % this.road.ports.length;
      }
    }
  }

  private askNode(node: number, req: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { method, url: path } = req;
    const headers = this.headers(req.headers);
    return new Promise((done, failed) => {
      const port = this.road.ports[node];
      const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: upstream }, done);
      asked.on('error', failed);
      asked.end(body);
    });
  }

  /** As a browser on the installation's own page would send them, through a load balancer. */
  private headers({ connection, upgrade, ...sent }: IncomingHttpHeaders): OutgoingHttpHeaders {
    const headers: OutgoingHttpHeaders = {
      ...sent,
      ...(upgrade === undefined ? {} : { connection, upgrade }),
      host: this.road.host,
      origin: `http://${this.road.host}`,
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': this.address,
      cookie: [...this.jar].map(([name, value]) => `${name}=${value}`).join('; '),
    };
    // Frames are read here, so they must not be compressed; answers need not be.
    delete headers['sec-websocket-extensions'];
    delete headers['accept-encoding'];
    delete headers['transfer-encoding'];
    if (this.jar.size === 0) delete headers['cookie'];
    return headers;
  }

  private keepCookies({ headers }: IncomingMessage): void {
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.jar.set(name, value);
    }
    delete headers['set-cookie'];
  }
}

async function collect(from: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of from) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pause(milliseconds: number): Promise<void> | undefined {
  return milliseconds === 0 ? undefined : new Promise((done) => setTimeout(done, milliseconds));
}
