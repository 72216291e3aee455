// A storm that does not do what its plan says would prove nothing.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Belt } from './belt';
import { Dice } from './dice';
import { FrameSieve, textFrame } from './frames';
import { clear, Line } from './line';
import { Tally } from './tally';
import { forecast } from './weather';

const push = '{"push":{"channel":"visitor:1","pub":{"data":{"type":"message"}}}}';

/** A server that takes everything, and remembers it. */
class Desk {
  readonly heard: IncomingMessage[] = [];
  readonly server: Server;
  private readonly sockets: Duplex[] = [];
  constructor() {
    this.server = createServer((req, res) => void this.answer(req, res));
    this.server.on('upgrade', (req, socket) => {
      const key = createHash('sha1')
        .update(`${req.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.on('error', () => undefined);
      socket.on('end', () => socket.destroy());
      socket.resume();
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
      );
      this.heard.push(req);
      this.sockets.push(socket);
    });
  }
  private answer(req: IncomingMessage, res: ServerResponse): void {
    this.heard.push(req);
    if (req.url === '/realtime/http_stream') {
      res.write(`{"connect":{}}\n${push}\n{}\n`);
      return;
    }
    res.writeHead(201, { 'Set-Cookie': 'session=abc; Path=/' }).end('{"message":{}}');
  }
  say(text: string): void {
    for (const s of this.sockets) s.write(textFrame(text));
  }
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}

let desk: Desk;
let line: Line;
let tally: Tally;

beforeEach(async () => {
  desk = new Desk();
  tally = new Tally();
  await new Promise<void>((done) => desk.server.listen(0, '127.0.0.1', done));
  line = await Line.open({ ports: [desk.port], host: 'desk.example' }, '10.0.0.9', new Dice(1), tally);
});
afterEach(async () => {
  await line.close();
  desk.server.closeAllConnections();
  await new Promise((done) => desk.server.close(done));
});

const post = () => fetch(`${line.url}/api/v1/visitor/conversations`, { method: 'POST', body: '{}' });

describe('requests', () => {
  test('reach the server as a browser behind a load balancer would send them', async () => {
    expect(await (await post()).text()).toBe('{"message":{}}');
    await post();
    const { headers } = desk.heard[1] as IncomingMessage;
    expect(headers).toMatchObject({
      host: 'desk.example',
      origin: 'http://desk.example',
      'x-forwarded-for': '10.0.0.9',
      cookie: 'session=abc',
    });
  });

  test('whose answer is lost have been taken all the same', async () => {
    line.faults.swallow = 1;
    await expect(post()).rejects.toThrow('fetch failed');
    expect([desk.heard.length, tally.of('answers lost after the commit')]).toEqual([1, 1]);
  });

  test('whose answer is cut short cannot be read', async () => {
    line.faults.cutShort = 1;
    await expect(post().then((a) => a.text())).rejects.toThrow();
    expect(desk.heard).toHaveLength(1);
  });

  test('may be repeated by somebody between', async () => {
    line.faults.twice = 1;
    await post();
    await expect.poll(() => desk.heard.length).toBe(2);
  });

  test('never leave a hole, a dead network or a hotel', async () => {
    line.faults.hole = true;
    const lost = post();
    lost.catch(() => undefined);
    const silence = new Promise((done) => setTimeout(done, 100, 'silence'));
    expect(await Promise.race([lost, silence])).toBe('silence');
    line.cut();
    await expect(lost).rejects.toThrow('fetch failed');
    line.faults.hole = false;
    line.faults.down = true;
    await expect(post()).rejects.toThrow();
    Object.assign(line.faults, clear, { portal: true });
    expect(await (await post()).text()).toContain('hotel');
    expect(desk.heard).toHaveLength(0);
  });
});

describe('live connections', () => {
  const hear = (): Promise<string[]> =>
    new Promise((done, failed) => {
      const heard: string[] = [];
      const socket = new WebSocket(`${line.url.replace('http', 'ws')}/realtime/websocket`);
      socket.onmessage = (e) => heard.push(String(e.data));
      socket.onopen = () => done(heard);
      socket.onerror = () => failed(new Error('refused'));
    });

  test('lose publications and nothing else', async () => {
    const heard = await hear();
    expect(line.transport).toBe('websocket');
    line.faults.lost = 1;
    desk.say(`{}\n${push}`);
    desk.say(push);
    desk.say('{"id":1}');
    await expect.poll(() => heard).toEqual(['{}', '{"id":1}']);
    Object.assign(line.faults, { lost: 0, echo: 1 });
    desk.say(push);
    await expect.poll(() => heard.at(-1)).toEqual(`${push}\n${push}`);
    line.cut();
    await expect.poll(() => line.transport).toBe('polling');
  });

  test('are refused where a wall stands', async () => {
    line.faults.socket = 'refused';
    await expect(hear()).rejects.toThrow('refused');
    line.faults.stream = 'refused';
    expect((await fetch(`${line.url}/realtime/http_stream`, { method: 'POST' })).status).toBe(403);
    expect(desk.heard).toHaveLength(0);
  });

  test('lose publications as streams, too', async () => {
    line.faults.lost = 1;
    const answer = await fetch(`${line.url}/realtime/http_stream`, { method: 'POST' });
    const { value } = (await answer.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe('{"connect":{}}\n{}\n');
    line.cut();
  });
});

test('frames may be cut anywhere', () => {
  const long = JSON.stringify({ text: '长'.repeat(30_000) });
  const all = Buffer.concat([textFrame('{}'), textFrame(push), textFrame(long), Buffer.from([0x89, 0])]);
  for (const size of [97, 4096, all.length]) {
    const sieve = new FrameSieve((l) => (l === push ? 0 : 1));
    const out: Buffer[] = [];
    for (let at = 0; at < all.length; at += size) out.push(sieve.pass(all.subarray(at, at + size)));
    expect(
      Buffer.concat(out).equals(Buffer.concat([textFrame('{}'), textFrame(long), Buffer.from([0x89, 0])])),
    ).toBe(true);
  }
});

test('what is delayed keeps its order', async () => {
  const belt = new Belt();
  const seen: number[] = [];
  const done = new Promise<void>((end) => {
    [30, 0, 10, 0].forEach((ms, i) => belt.put(ms, () => void seen.push(i)));
    belt.put(0, end);
  });
  await done;
  expect(seen).toEqual([0, 1, 2, 3]);
});

test('a seed repeats its plan', () => {
  const plan = (seed: number) =>
    forecast(new Dice(seed), { seconds: 20, each: 3, people: 50, nodes: 2, redis: true });
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
  const kinds = new Set(plan(7).map((t) => t.kind));
  expect(kinds.size).toBe(14);
});
