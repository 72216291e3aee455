// What a page has of its own, for modules that find it in global names: each of many agents in this process has a
// page, and whatever an agent's code starts (timers, requests, sockets) goes on in it.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

const current = new AsyncLocalStorage<Page>();

class Memory {
  private readonly entries = new Map<string, string>();
  get length(): number {
    return this.entries.size;
  }
  key(i: number): string | null {
    return [...this.entries.keys()][i] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

export class Page {
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), {
    hidden: false,
    documentElement: { lang: '', dataset: {} },
  });
  readonly navigator = { onLine: true, language: 'en', languages: ['en'] };
  readonly localStorage = new Memory();
  readonly location: { origin: string; pathname: string; search: string; hash: string };

  constructor(
    origin: string,
    readonly fetch: typeof globalThis.fetch,
  ) {
    this.location = { origin, pathname: '/console/inbox/mine', search: '', hash: '' };
  }

  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  setOnline(online: boolean): void {
    this.run(() => {
      this.navigator.onLine = online;
      this.window.dispatchEvent(new Event(online ? 'online' : 'offline'));
    });
  }
}

const native = { fetch: globalThis.fetch, WebSocket: globalThis.WebSocket };
const nobody = new Page('http://127.0.0.1:1', native.fetch);

/** A socket's events belong to the page that opened it, whoever wakes them. */
class PageSocket extends native.WebSocket {
  override set onopen(then: (event: Event) => void) {
    super.onopen = AsyncResource.bind(then);
  }
  override set onmessage(then: (event: MessageEvent) => void) {
    super.onmessage = AsyncResource.bind(then);
  }
  override set onclose(then: (event: CloseEvent) => void) {
    super.onclose = AsyncResource.bind(then);
  }
  override set onerror(then: (event: Event) => void) {
    super.onerror = AsyncResource.bind(then);
  }
}

/** Puts the pages behind the global names. */
export function openPages(): void {
  const here = () => current.getStore() ?? nobody;
  for (const name of ['window', 'document', 'navigator', 'localStorage', 'location'] as const)
    Object.defineProperty(globalThis, name, { configurable: true, get: () => here()[name] });
  globalThis.fetch = (input, init) => here().fetch(input, init);
  globalThis.WebSocket = PageSocket;
}
