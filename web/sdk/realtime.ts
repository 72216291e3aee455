import { backoff } from './backoff';
import type * as Stream from './realtime_stream';
import { dialLater, dialWebSocket, type Dial, type Link } from './realtime_transport';
import type { Publication } from './types';

/**
 * connecting: no connection yet. live: publications arrive. polling: none can be had, `onSync` is
 * called every few seconds instead. offline: the device says that there is no network. stopped.
 */
export type RealtimeState = 'stopped' | 'connecting' | 'live' | 'polling' | 'offline';

export interface RealtimeOptions {
  /** Absolute, without a trailing slash: "https://support.meridian.example/realtime". */
  url: string;
  token: () => string;
  onPublication: (publication: Publication, channel: string) => void;
  /**
   * After every (re)connect, on every poll and after some silence: ask the server for what may have been missed.
   * False: not everything was answered; asked again soon.
   */
  onSync: () => void | Promise<boolean>;
  onState?: (state: RealtimeState) => void;
  /** Absent or null: go without. */
  WebSocket?: typeof WebSocket | null;
  fetch?: typeof fetch;
  /** Where the HTTP stream's code comes from. */
  stream?: () => Promise<typeof Stream>;
  random?: () => number;
  now?: () => number;
}

const connectLimit = 8_000;
const pingGrace = 10_000;
const pollEvery = 4_000;
const pollHidden = 20_000;
/** A connection that lived this long was a good one. */
const steadyAfter = 10_000;
const retryWhilePolling = 60_000;
/**
 * A publication may be lost although the connection holds, and so may the answer to what `onSync` asked. After this
 * much silence it is asked again, and then after ever longer ones: at most so long while somebody looks, and so long
 * while nobody does.
 */
const recheckFirst = 12_000;
const recheckVisible = 120_000;
const recheckHidden = 600_000;
/** The server tells everybody at once to ask; they must not ask at once. */
const resyncWithin = 2_000;
/** Failures in a row before the next kind of connection is tried. */
const patience = 2;

interface Reply {
  id?: number;
  error?: { code: number; message: string };
  connect?: { ping?: number; pong?: boolean };
  push?: { channel?: string; pub?: { data: Publication }; disconnect?: { code: number } };
}

/**
 * A small client of centrifuge's JSON protocol for readers with server-side subscriptions: connects by
 * WebSocket, else by HTTP stream, else polls, and keeps trying the better ones. What it delivers is a
 * hint; what counts is what `onSync` fetches. Network and visibility events come from outside.
 */
export class RealtimeClient {
  private state: RealtimeState = 'stopped';
  private readonly dials: Dial[];
  private dial = 0;
  private failures = 0;
  private attempt = 0;
  private link: Link | undefined;
  private alive = false;
  private visible = true;
  private silence = 0;
  private lastHeard = 0;
  private connectedAt = 0;
  private pong = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  /** Questions in a row that were not answered. */
  private unanswered = 0;
  private recheckTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: RealtimeOptions) {
    const { url, WebSocket: Socket } = options;
    // Where WebSockets work, nobody downloads the other way.
    const load = options.stream ?? (() => import('./realtime_stream'));
    const stream = dialLater(async () =>
      (await load()).dialHttpStream(url, options.fetch ?? ((...a) => fetch(...a))),
    );
    const socket = Socket ? [dialWebSocket(`${url.replace(/^http/, 'ws')}/websocket`, Socket)] : [];
    this.dials = [...socket, stream];
  }

  start(): void {
    if (this.state !== 'stopped') return;
    this.dial = this.failures = this.attempt = 0;
    this.become('connecting');
    this.connect();
  }

  stop(): void {
    this.hangUp();
    this.stopTimers();
    this.become('stopped');
  }

  /** The browser's online and offline events. */
  setOnline(online: boolean): void {
    if (this.state === 'stopped' || online === (this.state !== 'offline')) return;
    this.hangUp();
    this.stopTimers();
    if (!online) return this.become('offline');
    this.dial = this.failures = this.attempt = 0;
    this.become('connecting');
    this.connect();
  }

  /** The page's visibilitychange events: a page that comes back must not wait for a backoff or a dead link. */
  setVisible(visible: boolean): void {
    const back = visible && !this.visible;
    this.visible = visible;
    if (!back || this.state === 'stopped' || this.state === 'offline') return;
    if (this.alive && this.now() - this.lastHeard <= this.silence) return this.recheckIn(0);
    if (this.state === 'polling') this.poll();
    this.hangUp();
    this.attempt = 0;
    this.connect();
  }

  private connect(): void {
    clearTimeout(this.retryTimer);
    if (this.link) return;
    const dial = this.dials[this.dial] as Dial;
    const hello = JSON.stringify({ id: 1, connect: { token: this.options.token(), name: 'veridesk' } });
    try {
      this.link = dial(hello, { onLine: (l) => this.onLine(l), onClose: (code) => this.onClose(code) });
    } catch {
      // A content policy may forbid WebSockets outright: the constructor throws.
      return this.onClose(0);
    }
    this.silence = connectLimit;
    this.heard();
  }

  private onLine(line: string): void {
    this.heard();
    const reply = JSON.parse(line) as Reply;
    if (reply.connect) this.onConnected(reply.connect);
    else if (reply.error || reply.push?.disconnect) this.drop(reply.push?.disconnect?.code ?? 0);
    else if (reply.push?.pub) this.published(reply.push.pub.data, reply.push.channel ?? '');
    // Only `{}` is left: a ping. A proxy that closes quiet connections hears our answer, too.
    else if (this.pong && !reply.push && !reply.id) this.link?.send('{}');
  }

  private onConnected(connect: NonNullable<Reply['connect']>): void {
    this.alive = true;
    this.failures = 0;
    this.connectedAt = this.now();
    this.pong = connect.pong ?? false;
    this.silence = connect.ping ? connect.ping * 1000 + pingGrace : Infinity;
    clearTimeout(this.pollTimer);
    this.heard();
    this.become('live');
    this.recheckIn(recheckFirst);
    this.sync();
  }

  private sync(): void {
    const { link } = this;
    void Promise.resolve(this.options.onSync()).then((whole) => {
      this.unanswered = whole === false ? this.unanswered + 1 : 0;
      // Bad moments come in pairs: a connection that is just back, and a question that gets lost.
      if (whole === false && this.alive && link === this.link)
        this.recheckIn(backoff(this.unanswered, () => this.random()));
    });
  }

  private published(data: Publication | { type: 'resync' }, channel: string): void {
    if (data.type === 'resync') return this.recheckIn(resyncWithin * this.random());
    this.options.onPublication(data, channel);
    this.recheckIn(recheckFirst);
  }

  private recheckIn(delay: number): void {
    clearTimeout(this.recheckTimer);
    this.recheckTimer = setTimeout(
      () => {
        const most = this.visible ? recheckVisible : recheckHidden;
        this.recheckIn(Math.min(most, Math.max(recheckFirst, delay * 2)));
        this.sync();
      },
      delay * (0.8 + 0.4 * this.random()),
    );
  }

  private drop(code: number): void {
    this.link?.close();
    this.onClose(code);
  }

  private onClose(code: number): void {
    const wasAlive = this.alive;
    // A server that accepts and drops at once must not be asked ever faster.
    if (wasAlive && this.now() - this.connectedAt >= steadyAfter) this.attempt = 0;
    this.hangUp();
    if (this.state === 'stopped' || this.state === 'offline') return;
    // Terminal codes (centrifuge disconnect.go): the same again would be refused the same way.
    const terminal = (code >= 3500 && code < 4000) || (code >= 4500 && code < 5000);
    if (!wasAlive && !terminal && ++this.failures >= patience) {
      this.failures = 0;
      this.dial++;
    }
    if (terminal || this.dial >= this.dials.length) return this.fallBack();
    if (this.state !== 'polling') this.become('connecting');
    this.retryIn(backoff(++this.attempt, () => this.random()));
  }

  /** Poll, and from time to time see whether something better works again. */
  private fallBack(): void {
    this.dial = this.failures = this.attempt = 0;
    if (this.state !== 'polling') {
      this.become('polling');
      this.poll();
    }
    this.retryIn(retryWhilePolling);
  }

  private poll(): void {
    clearTimeout(this.pollTimer);
    this.sync();
    const spread = 0.8 + 0.4 * this.random();
    this.pollTimer = setTimeout(() => this.poll(), (this.visible ? pollEvery : pollHidden) * spread);
  }

  private retryIn(delay: number): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), delay);
  }

  private heard(): void {
    this.lastHeard = this.now();
    clearTimeout(this.watchdog);
    if (this.silence !== Infinity) this.watchdog = setTimeout(() => this.drop(0), this.silence);
  }

  private hangUp(): void {
    clearTimeout(this.watchdog);
    clearTimeout(this.recheckTimer);
    this.link?.close();
    this.link = undefined;
    this.alive = false;
  }

  private stopTimers(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.pollTimer);
    clearTimeout(this.watchdog);
  }

  private become(state: RealtimeState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState?.(state);
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
