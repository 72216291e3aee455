// The live connection. What it brings is a hint: after every (re)connect the caller asks the server for what it shows.

import { Centrifuge, type ClientInfo, type Subscription, type TransportEndpoint } from 'centrifuge';
import type { Id, Publication } from '../../../sdk';
import type { Viewer } from './thread.svelte';

export type ConnectionState = 'online' | 'connecting' | 'offline';

export interface RealtimeHandlers {
  onPublication: (publication: Publication) => void;
  /** Connected, for the first time or again. */
  onConnected: () => void;
  /** The server closed for good: most likely the session has ended. */
  onClosed: () => void;
}

export interface Watch {
  contactId: Id;
  conversationId: Id;
  onContactOnline: (online: boolean) => void;
  onViewers: (viewers: Viewer[]) => void;
}

const types: ReadonlySet<string> = new Set([
  'message',
  'conversation',
  'read',
  'typing',
  'staff',
  'queue',
  'presence',
]);

/** Null for anything that is not a publication of the contract. */
export function asPublication(data: unknown): Publication | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null;
  return typeof data.type === 'string' && types.has(data.type) ? (data as Publication) : null;
}

/** Users of the realtime server may carry a kind before the id ("agent:12"). */
export function userId(user: string): string {
  return user.replace(/^\D+/, '');
}

export function viewersOf(clients: Iterable<ClientInfo>, me: Id): Viewer[] {
  const found = new Map<string, Viewer>();
  for (const { user, connInfo, chanInfo } of clients) {
    const id = userId(user);
    const info: unknown = connInfo ?? chanInfo;
    const name =
      typeof info === 'object' && info !== null && 'name' in info && typeof info.name === 'string'
        ? info.name
        : '';
    if (id !== '' && id !== me) found.set(id, { id, name });
  }
  return [...found.values()];
}

/** WebSocket first, then two kinds of stream for networks that break it. */
export function endpoints(origin: string): { transports: TransportEndpoint[]; emulation: string } {
  const socket = origin.replace(/^http/, 'ws');
  return {
    transports: [
      { transport: 'websocket', endpoint: `${socket}/realtime/websocket` },
      { transport: 'http_stream', endpoint: `${origin}/realtime/http_stream` },
      { transport: 'sse', endpoint: `${origin}/realtime/sse` },
    ],
    emulation: `${origin}/realtime/emulation`,
  };
}

export class Realtime {
  state: ConnectionState = $state('connecting');
  #client: Centrifuge | null = null;
  #watching: { viewing: Subscription; contact: Subscription | null } | null = null;
  #me: Id = '';
  #handlers: RealtimeHandlers | null = null;

  start(me: Id, handlers: RealtimeHandlers): void {
    this.stop();
    this.#me = me;
    const { transports, emulation } = endpoints(location.origin);
    const client = new Centrifuge(transports, { emulationEndpoint: emulation, maxReconnectDelay: 5_000 });
    client.on('connecting', () => {
      this.state = navigator.onLine ? 'connecting' : 'offline';
    });
    client.on('connected', () => {
      this.state = 'online';
      handlers.onConnected();
    });
    client.on('disconnected', () => {
      this.state = 'offline';
      if (this.#client === client) handlers.onClosed();
    });
    client.on('publication', ({ data }) => {
      this.#deliver(data, handlers);
    });
    client.connect();
    this.#client = client;
    this.#handlers = handlers;
  }

  #deliver(data: unknown, handlers: RealtimeHandlers): void {
    // Something may have been missed although the connection held.
    if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'resync')
      handlers.onConnected();
    const publication = asPublication(data);
    if (publication !== null) handlers.onPublication(publication);
  }

  /** Connects again after the server had closed, for instance after a new sign-in. */
  reconnect(): void {
    this.#client?.connect();
  }

  stop(): void {
    this.unwatch();
    const client = this.#client;
    this.#client = null;
    client?.disconnect();
  }

  /** Follows one conversation: who looks at it, and whether its customer is there. */
  watch(watch: Watch): void {
    this.unwatch();
    const client = this.#client;
    if (client === null) return;
    const viewing = this.#follow(client, `viewing:${watch.conversationId}`, (clients) => {
      watch.onViewers(viewersOf(clients, this.#me));
    });
    // What a contact is told leaves out whose the matter is and how urgent; only typing is said nowhere else.
    const contact =
      watch.contactId === ''
        ? null
        : this.#follow(client, `visitor:${watch.contactId}`, (clients) => {
            watch.onContactOnline(clients.some((c) => userId(c.user) === watch.contactId));
          });
    contact?.on('publication', ({ data }) => {
      const publication = asPublication(data);
      if (publication?.type === 'typing') this.#handlers?.onPublication(publication);
    });
    this.#watching = { viewing, contact };
  }

  #follow(client: Centrifuge, channel: string, onPresence: (clients: ClientInfo[]) => void): Subscription {
    const subscription =
      client.getSubscription(channel) ?? client.newSubscription(channel, { joinLeave: true });
    const ask = () => {
      subscription.presence().then(
        ({ clients }) => {
          onPresence(Object.values(clients));
        },
        () => undefined, // presence is a courtesy; without it nobody is shown
      );
    };
    subscription.on('subscribed', ask).on('join', ask).on('leave', ask);
    subscription.subscribe();
    return subscription;
  }

  /** Follows any other channel: who is there, and what is said. Returns the function that leaves it. */
  join(channel: string, onViewers: (viewers: Viewer[]) => void, onData: (data: unknown) => void): () => void {
    const client = this.#client;
    if (client === null) return () => undefined;
    const subscription = this.#follow(client, channel, (clients) => {
      onViewers(viewersOf(clients, this.#me));
    });
    subscription.on('publication', ({ data }) => {
      onData(data);
    });
    return () => {
      subscription.removeAllListeners();
      client.removeSubscription(subscription);
    };
  }

  unwatch(): void {
    const watching = this.#watching;
    this.#watching = null;
    for (const subscription of [watching?.viewing, watching?.contact]) {
      if (subscription == null) continue;
      subscription.removeAllListeners();
      this.#client?.removeSubscription(subscription);
    }
  }
}
