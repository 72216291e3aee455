import { VisitorApi, type Outgoing } from '../../sdk';
import { Desk } from '../../widget/src/desk.svelte';
import type { Thread } from '../../widget/src/thread.svelte';
import type { Dice } from './dice';
import { Ledger } from './ledger';
import type { Line } from './line';
import { Screen } from './screen';

/** A customer with the widget's own code: everything of it but the document. */
export class Visitor {
  /** What they wrote, in order. */
  readonly written: string[] = [];
  readonly ledger = new Ledger();
  readonly screen: Screen;
  private readonly desk: Desk;
  private thread: Thread | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private token = '';

  constructor(
    readonly name: string,
    readonly line: Line,
    private readonly dice: Dice,
  ) {
    this.screen = new Screen(name);
    const ask = this.ledger.fetch(line.url);
    const shelf = new Map<string, Outgoing>();
    let count = '';
    this.desk = new Desk({
      api: new VisitorApi({ fetch: ask, locale: () => 'en', token: () => this.token }),
      token: { get: () => this.token, set: (value) => (this.token = value) },
      count: { get: () => count, set: (value) => (count = value) },
      store: {
        load: () => [],
        save: (item) => void shelf.set(item.clientId, item),
        remove: (id) => void shelf.delete(id),
      },
      realtime: { url: `${line.url}/realtime`, WebSocket, fetch: ask },
      locale: () => 'en',
      page: '',
    });
  }

  /** Opens the widget and writes the first words. */
  come(): void {
    void this.desk.begin();
    this.desk.setVisible(true);
    const id = this.desk.start(this.words(), {});
    this.thread = this.desk.thread(id);
    this.desk.show(this.thread);
  }

  /** Writes now and then until `hush`. */
  talk(every: number): void {
    const wait = this.dice.between(every * 0.3, every * 1.7);
    this.timer = setTimeout(() => {
      // Some people press Enter after every half sentence.
      const burst = this.dice.chance(0.2) ? 3 : 1;
      for (let i = 0; i < burst && this.thread !== undefined; i++) this.desk.send(this.thread, this.words());
      this.talk(every);
    }, wait);
  }
  hush(): void {
    clearTimeout(this.timer);
  }

  leave(): void {
    this.hush();
    this.desk.setOnline(false);
  }

  setOnline(online: boolean): void {
    this.desk.setOnline(online);
  }
  setVisible(visible: boolean): void {
    this.desk.setVisible(visible);
  }

  /** '' until the desk has taken the first message. */
  get conversation(): string {
    const id = this.thread?.id ?? 'local:';
    return id.startsWith('local:') ? '' : id;
  }
  get messages() {
    return this.thread?.messages ?? [];
  }
  get unsent(): readonly Outgoing[] {
    return this.desk.pending;
  }
  look(): void {
    const known = new Set(this.messages.map((m) => m.client_id));
    this.screen.look({
      messages: this.messages,
      pending: this.desk.pending.filter((p) => p.conversation === this.thread?.id && !known.has(p.clientId)),
    });
  }

  /** What the server says to this customer. */
  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.line.url}/api/v1/visitor${path}`, {
      headers: { Authorization: `Bearer ${this.token}` },
    });
    if (!answer.ok) throw new Error(`${this.name} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  private words(): string {
    const text = `${this.name} says thing ${this.written.length + 1}`;
    this.written.push(text);
    return text;
  }
}
