import type { Message, Outgoing } from '../../sdk';

/** A conversation as somebody sees it: messages of the server, then what is on its way and not among them. */
export interface Shown {
  messages: readonly Message[];
  pending: readonly Pick<Outgoing, 'clientId' | 'body' | 'state' | 'problem'>[];
}

/**
 * Watches one person's screen for what must not be there at any moment: a message twice, one in the wrong place, one
 * that was there and is gone.
 */
export class Screen {
  readonly faults: string[] = [];
  private before = new Set<string>();

  constructor(
    private readonly who: string,
    /** Own messages may be taken back into the box they came from. */
    private readonly mayTakeBack = false,
  ) {}

  look({ messages, pending }: Shown): void {
    const keys = messages.map((m) => m.client_id || m.id);
    const shown = new Set(keys);
    if (shown.size !== keys.length) this.fault('a message twice', keys);
    if (new Set(messages.map((m) => m.id)).size !== messages.length) this.fault('an id twice', keys);
    for (const [i, m] of messages.entries())
      if (m.seq <= (messages[i - 1]?.seq ?? 0)) this.fault(`sequence ${m.seq} in the wrong place`, keys);
    if (!this.mayTakeBack) for (const p of pending) shown.add(p.clientId);
    for (const key of this.before) if (!shown.has(key)) this.fault(`${key} was shown and is gone`, keys);
    this.before = shown;
    for (const p of pending)
      if (p.state === 'failed' && p.problem?.code !== 'stale')
        this.fault(`"${p.body}" was given up: ${p.problem?.code ?? ''} ${p.problem?.message ?? ''}`, keys);
  }

  private fault(what: string, keys: readonly string[]): void {
    if (this.faults.length < 3) this.faults.push(`${this.who}: ${what} among ${keys.length}`);
  }
}
