import type { Dial } from './realtime_transport';

/**
 * One long answer to a POST. What we say afterwards (pongs) goes to the emulation endpoint, addressed by
 * the session and node that the connect reply named (centrifuge handler_http_stream.go, emulation.go).
 */
export function dialHttpStream(base: string, get: typeof fetch): Dial {
  return (first, events) => {
    const abort = new AbortController();
    let open = true;
    let address: { session: string; node: string } | undefined;
    const post = (path: string, body: string) =>
      get(base + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        credentials: 'same-origin',
        body,
        signal: abort.signal,
      });
    const end = () => {
      if (!open) return;
      open = false;
      abort.abort();
      events.onClose(0);
    };
    const take = (line: string) => {
      if (!open || !line) return;
      if (!address) address = addressOf(line);
      events.onLine(line);
    };
    post('/http_stream', first)
      .then(async (answer) => {
        if (!answer.ok || !answer.body) return;
        await readLines(answer.body, take);
      })
      .then(end, end);
    return {
      send: (line) => {
        if (address) post('/emulation', JSON.stringify({ ...address, data: line })).catch(end);
      },
      close: () => {
        open = false;
        abort.abort();
      },
    };
  };
}

async function readLines(body: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
}

function addressOf(line: string): { session: string; node: string } | undefined {
  const reply = JSON.parse(line) as { connect?: { session?: string; node?: string } };
  const { session, node } = reply.connect ?? {};
  return session && node ? { session, node } : undefined;
}
