/**
 * Lets some lines of a WebSocket's text frames through, others not, some twice (RFC 6455 §5.2; the server's
 * side, so no masks; without extensions and, as centrifuge sends them, without fragments).
 */
export class FrameSieve {
  private held: Buffer = Buffer.alloc(0);

  /** @param copies how often a line is passed on: 0, 1 or more */
  constructor(private readonly copies: (line: string) => number) {}

  /** What comes out for what went in; an unfinished frame waits for its rest. */
  pass(chunk: Buffer): Buffer {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const out: Buffer[] = [];
    for (;;) {
      const size = frameSize(this.held);
      if (size === undefined || this.held.length < size.head + size.body) break;
      const frame = this.held.subarray(0, size.head + size.body);
      this.held = this.held.subarray(frame.length);
      const kept = ((frame[0] ?? 0) & 15) === 1 ? this.sieve(frame, size.head) : frame;
      if (kept.length > 0) out.push(kept);
    }
    return Buffer.concat(out);
  }

  private sieve(frame: Buffer, head: number): Buffer {
    const text = frame.subarray(head).toString();
    const kept = sieveLines(text.split('\n'), this.copies).join('\n');
    if (kept === text) return frame;
    return kept === '' ? Buffer.alloc(0) : textFrame(kept);
  }
}

export function sieveLines(lines: readonly string[], copies: (line: string) => number): string[] {
  return lines.flatMap((line) => Array.from({ length: line === '' ? 1 : copies(line) }, () => line));
}

function frameSize(b: Buffer): { head: number; body: number } | undefined {
  if (b.length < 2) return undefined;
  const short = (b[1] ?? 0) & 127;
  if (short < 126) return { head: 2, body: short };
  if (short === 126) return b.length < 4 ? undefined : { head: 4, body: b.readUInt16BE(2) };
  return b.length < 10 ? undefined : { head: 10, body: Number(b.readBigUInt64BE(2)) };
}

/** A whole text frame as a server sends it. */
export function textFrame(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  const head = Buffer.alloc(body.length < 2 ** 16 ? 4 : 10);
  head[0] = 0x81;
  if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(body.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(body.length), 2);
  }
  return Buffer.concat([head, body]);
}
