/**
 * Two ways to hold a connection to a centrifuge node: lines of JSON in both directions.
 * Protocol: github.com/centrifugal/protocol (client.proto), JSON form, version 2.
 */
export interface Link {
  send(line: string): void;
  close(): void;
}

export interface LinkEvents {
  onLine(line: string): void;
  /** Exactly once, unless we closed. `code` is a WebSocket close code or 0. */
  onClose(code: number): void;
}

/** `first` is sent as soon as possible. */
export type Dial = (first: string, events: LinkEvents) => Link;

export function dialWebSocket(url: string, Socket: typeof WebSocket): Dial {
  return (first, events) => {
    const socket = new Socket(url);
    let open = true;
    const end = (code: number) => {
      if (open) events.onClose(code);
      open = false;
    };
    socket.onopen = () => socket.send(first);
    socket.onmessage = (e: MessageEvent) => {
      // A frame holds one or more replies, a line each.
      for (const line of String(e.data).split('\n')) if (open && line) events.onLine(line);
    };
    socket.onclose = (e: CloseEvent) => end(e.code);
    return {
      send: (line) => socket.send(line),
      close: () => {
        open = false;
        socket.close(1000);
      },
    };
  };
}

/** A kind of connection whose code is fetched when it is needed; one that cannot be had is a closed one. */
export function dialLater(load: () => Promise<Dial>): Dial {
  return (first, events) => {
    let open = true;
    let link: Link | undefined;
    load().then(
      (dial) => {
        if (open) link = dial(first, events);
      },
      () => {
        if (open) events.onClose(0);
      },
    );
    return {
      send: (line) => link?.send(line),
      close: () => {
        open = false;
        link?.close();
      },
    };
  };
}
