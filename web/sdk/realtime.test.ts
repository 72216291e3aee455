import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RealtimeClient, type RealtimeOptions, type RealtimeState } from './realtime';
import * as stream from './realtime_stream';

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  static refuse = false;
  sent: string[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    if (FakeSocket.refuse) throw new DOMException('refused by policy', 'SecurityError');
    FakeSocket.all.push(this);
  }
  send(line: string) {
    this.sent.push(line);
  }
  close() {
    this.closed = true;
  }
  static get last() {
    return FakeSocket.all[FakeSocket.all.length - 1]!;
  }
  say(...replies: unknown[]) {
    this.onmessage?.({ data: replies.map((r) => JSON.stringify(r)).join('\n') });
  }
  accept(connect: object = { client: 'c', ping: 25, pong: true, subs: { 'visitor:1': {} } }) {
    this.onopen?.();
    this.say({ id: 1, connect });
  }
  drop(code = 1006) {
    this.onclose?.({ code });
  }
}

/** HTTP streams whose other end is the test. */
class Streams {
  posts: { path: string; body: string }[] = [];
  controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  status = 200;
  fetch: typeof fetch = async (input, init) => {
    this.posts.push({ path: new URL(String(input)).pathname, body: String(init?.body) });
    const body = new ReadableStream<Uint8Array>({ start: (c) => void (this.controller = c) });
    return new Response(this.status === 200 ? body : null, { status: this.status });
  };
  push(text: string) {
    this.controller!.enqueue(new TextEncoder().encode(text));
  }
}

const publication = { type: 'typing', conversation_id: '7', by: 'agent', name: 'Lin' };
let states: RealtimeState[];
let heard: unknown[];
let syncs: number;
let streams: Streams;
let client: RealtimeClient;

const make = (o: Partial<RealtimeOptions> = {}) => {
  client = new RealtimeClient({
    url: 'https://s.example/realtime',
    token: () => 'tok',
    onPublication: (p, channel) => heard.push([channel, p]),
    onSync: () => void syncs++,
    onState: (s) => states.push(s),
    WebSocket: FakeSocket as unknown as typeof WebSocket,
    fetch: streams.fetch,
    stream: async () => stream,
    random: () => 0.5,
    ...o,
  });
  client.start();
  return client;
};
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  FakeSocket.refuse = false;
  states = [];
  heard = [];
  syncs = 0;
  streams = new Streams();
});
afterEach(() => {
  client.stop();
  vi.useRealTimers();
});

describe('RealtimeClient over WebSocket', () => {
  it('connects with the token, then asks for what was missed, then delivers', () => {
    make();
    expect(FakeSocket.last.url).toBe('wss://s.example/realtime/websocket');
    FakeSocket.last.accept();
    expect(JSON.parse(FakeSocket.last.sent[0]!)).toEqual({
      id: 1,
      connect: { token: 'tok', name: 'veridesk' },
    });
    expect([states, syncs]).toEqual([['connecting', 'live'], 1]);
    FakeSocket.last.say({ push: { channel: 'visitor:1', pub: { data: publication } } }, {});
    expect(heard).toEqual([['visitor:1', publication]]);
  });

  it('answers pings, so that the server does not drop it', () => {
    make();
    FakeSocket.last.accept();
    FakeSocket.last.say({});
    expect(FakeSocket.last.sent.slice(1)).toEqual(['{}']);
  });

  it('does not answer pings of a server that wants no pongs', () => {
    make();
    FakeSocket.last.accept({ client: 'c', ping: 25 });
    FakeSocket.last.say({});
    expect(FakeSocket.last.sent).toHaveLength(1);
  });

  it('gives up a connection on which nothing was heard for longer than a ping', async () => {
    make();
    FakeSocket.last.accept();
    await wait(34_999);
    expect(FakeSocket.last.closed).toBe(false);
    await wait(1);
    expect(FakeSocket.all[0]!.closed).toBe(true);
    await wait(1_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('comes back after a drop and asks again for what was missed', async () => {
    make();
    FakeSocket.last.accept();
    FakeSocket.last.drop();
    expect(states.pop()).toBe('connecting');
    await wait(750);
    FakeSocket.last.accept();
    expect([states.pop(), syncs]).toEqual(['live', 2]);
  });

  it('finds a publication that was lost on a connection that holds, without hammering the server', async () => {
    make();
    FakeSocket.last.accept();
    const alive = async (ms: number) => {
      for (; ms > 0; ms -= 10_000) {
        await wait(Math.min(ms, 10_000));
        FakeSocket.last.say({});
      }
    };
    const after: number[] = [];
    for (const silence of [12_000, 24_000, 48_000, 96_000, 120_000, 120_000]) {
      await alive(silence);
      after.push(syncs);
    }
    expect(after).toEqual([2, 3, 4, 5, 6, 7]);
    FakeSocket.last.say({ push: { channel: 'visitor:1', pub: { data: publication } } });
    await alive(12_000);
    expect(syncs).toBe(8); // where something happens, more may be missing
    client.setVisible(false);
    await alive(3_600_000);
    expect(syncs).toBeLessThan(8 + 12);
    const before = syncs;
    client.setVisible(true);
    await wait(0);
    expect([syncs, FakeSocket.all.length]).toEqual([before + 1, 1]);
  });

  it('asks again soon when the question after a reconnect got lost, and then leaves it', async () => {
    const answers = [false, false, true];
    make({
      onSync: async () => {
        syncs++;
        return answers.shift() ?? true;
      },
    });
    FakeSocket.last.accept();
    await wait(750);
    expect(syncs).toBe(2);
    await wait(1_500);
    expect(syncs).toBe(3);
    await wait(9_000);
    expect(syncs).toBe(3);
  });

  it('asks soon, but not in the same moment as everybody, when the server says that something was missed', async () => {
    make();
    FakeSocket.last.accept();
    FakeSocket.last.say({ push: { channel: 'visitor:1', pub: { data: { type: 'resync' } } } });
    expect([syncs, heard]).toEqual([1, []]);
    await wait(1_000);
    expect([syncs, heard]).toEqual([2, []]);
  });

  it('takes ever longer pauses while connections keep dying at once', async () => {
    make();
    for (const pause of [750, 1_500, 3_000]) {
      const n = FakeSocket.all.length;
      FakeSocket.last.accept();
      FakeSocket.last.drop();
      await wait(pause - 1);
      expect(FakeSocket.all).toHaveLength(n);
      await wait(1);
      expect(FakeSocket.all).toHaveLength(n + 1);
    }
    FakeSocket.last.accept();
    for (let s = 0; s < 3; s++) {
      await wait(10_000);
      FakeSocket.last.say({});
    }
    FakeSocket.last.drop();
    await wait(750);
    expect(FakeSocket.all).toHaveLength(5);
  });

  it('is quiet while the device is offline and quick when it is back', async () => {
    make();
    FakeSocket.last.accept();
    client.setOnline(false);
    await wait(600_000);
    expect([FakeSocket.all.length, states.pop()]).toEqual([1, 'offline']);
    client.setOnline(true);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('replaces a connection that died while the page slept as soon as it is visible', async () => {
    let now = 0;
    make({ now: () => now });
    FakeSocket.last.accept();
    client.setVisible(false);
    now = 3_600_000;
    client.setVisible(true);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('does nothing after stop', async () => {
    make();
    FakeSocket.last.accept();
    client.stop();
    FakeSocket.last.drop();
    await wait(600_000);
    expect([FakeSocket.all.length, syncs, states.pop()]).toEqual([1, 1, 'stopped']);
  });
});

describe('RealtimeClient where WebSockets do not work', () => {
  const blocked = async () => {
    make();
    FakeSocket.last.drop();
    await wait(750);
    FakeSocket.last.drop();
    await wait(1_500);
  };

  it('uses an HTTP stream: lines may be cut anywhere, even inside a character', async () => {
    await blocked();
    expect(streams.posts[0]).toMatchObject({ path: '/realtime/http_stream' });
    streams.push('{"id":1,"connect":{"client":"c","ping":25,"pong":true,"session":"s1","node":"n1"}}\n{"pu');
    await wait(0);
    const bytes = new TextEncoder().encode(
      `sh":{"channel":"visitor:1","pub":{"data":{"type":"typing","name":"林"}}}}\n`,
    );
    streams.controller!.enqueue(bytes.slice(0, 67));
    streams.controller!.enqueue(bytes.slice(67));
    await wait(0);
    expect(states.pop()).toBe('live');
    expect(heard).toEqual([['visitor:1', { type: 'typing', name: '林' }]]);
  });

  it('answers pings of a stream through the emulation endpoint', async () => {
    await blocked();
    streams.push('{"id":1,"connect":{"client":"c","ping":25,"pong":true,"session":"s1","node":"n1"}}\n{}\n');
    await wait(0);
    expect(streams.posts[1]!.path).toBe('/realtime/emulation');
    expect(JSON.parse(streams.posts[1]!.body)).toEqual({ session: 's1', node: 'n1', data: '{}' });
  });

  it('polls when a proxy holds streams back, and goes on looking for something better', async () => {
    await blocked();
    await wait(8_000 + 3_000 + 8_000);
    expect(states.pop()).toBe('polling');
    const before = syncs;
    await wait(20_000);
    expect(syncs).toBe(before + 5);
    const sockets = FakeSocket.all.length;
    await wait(41_000);
    expect(FakeSocket.all.length).toBeGreaterThan(sockets);
    FakeSocket.last.accept();
    expect(states.pop()).toBe('live');
    const after = syncs;
    await wait(11_000); // not a poll any more; what follows is the check after silence
    expect(syncs).toBe(after);
  });

  it('polls less often while nobody looks', async () => {
    streams.status = 502;
    await blocked();
    await wait(10_000);
    expect(states.pop()).toBe('polling');
    client.setVisible(false);
    await wait(4_000);
    const before = syncs;
    await wait(40_000);
    expect(syncs).toBe(before + 2);
  });

  it('polls when even the code of the stream cannot be had', async () => {
    make({ stream: () => Promise.reject(new Error('blocked')) });
    for (const pause of [750, 1_500, 3_000, 6_000]) {
      FakeSocket.last.drop();
      await wait(pause);
    }
    expect(states.pop()).toBe('polling');
    expect(syncs).toBeGreaterThan(0);
  });

  it('survives a content policy that forbids the socket outright', async () => {
    FakeSocket.refuse = true;
    make();
    await wait(750 + 1_500);
    expect(streams.posts[0]!.path).toBe('/realtime/http_stream');
  });

  it('does not hammer a server that refused for good, and still shows new messages', async () => {
    make();
    FakeSocket.last.drop(3500);
    expect(states.pop()).toBe('polling');
    await wait(50_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(syncs).toBeGreaterThan(5);
  });
});
