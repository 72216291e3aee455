import { vi } from 'vitest';
import type { workspace as Workspace } from '../../console/src/lib/workspace.svelte';
import type { Dice } from './dice';
import { Ledger } from './ledger';
import type { Line } from './line';
import { Page } from './page';
import { Screen } from './screen';
import type { Visitor } from './visitor';

/** Somebody of the staff with the console's own code: everything of it but the document. */
export class Agent {
  /** What they answered, by conversation, in order. */
  readonly written = new Map<string, string[]>();
  readonly ledger = new Ledger();
  readonly screen = new Map<string, Screen>();
  private readonly page: Page;
  private workspace!: typeof Workspace;
  private end: () => void = () => undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private next: Visitor | undefined;

  constructor(
    readonly name: string,
    readonly line: Line,
    private readonly dice: Dice,
    /** Whom they talk to. */
    readonly customers: readonly Visitor[],
  ) {
    this.page = new Page(line.url, this.ledger.fetch(line.url));
  }

  /** Accepts an invitation and opens the console. One at a time: modules are loaded anew for each. */
  async come(invitation: string): Promise<void> {
    await this.page.run(async () => {
      vi.resetModules();
      const { api } = await import('../../console/src/lib/api');
      const { session } = await import('../../console/src/lib/session.svelte');
      const { workspace } = await import('../../console/src/lib/workspace.svelte');
      await api.acceptInvitation(invitation, {
        name: this.name,
        password: `${this.name} opens the desk`,
        locale: 'en',
      });
      await session.load();
      if (session.phase !== 'in')
        throw new Error(`${this.name} could not sign in: ${String(session.failure)}`);
      this.workspace = workspace;
      this.end = workspace.start();
      await workspace.desk.show({ view: 'mine', team: '', me: session.id });
    });
  }

  /** Goes through the conversations and answers until `hush`; each takes two looks. */
  talk(every: number): void {
    const wait = this.dice.between(every * 0.5, every * 1.5);
    this.timer = setTimeout(() => {
      this.page.run(() => {
        this.answer();
      });
      this.talk(every);
    }, wait);
  }
  hush(): void {
    clearTimeout(this.timer);
  }
  leave(): void {
    this.hush();
    this.page.run(this.end);
  }

  setOnline(online: boolean): void {
    this.page.setOnline(online);
  }
  setVisible(visible: boolean): void {
    this.page.document.hidden = !visible;
    this.page.run(() => this.page.document.dispatchEvent(new Event('visibilitychange')));
  }

  /** Looks at a conversation, as one clicks on it. */
  open(id: string): void {
    this.page.run(() => {
      this.workspace.open(id);
      // The button under "could not be loaded".
      if (this.workspace.thread?.phase === 'failed') void this.workspace.thread.load();
      if (this.workspace.thread?.hasOlder === true)
        void this.workspace.thread.loadOlder().catch(() => undefined);
    });
  }
  /** The conversation in front. */
  get thread() {
    return this.workspace.thread;
  }
  get unsent() {
    return this.workspace.outbox?.items ?? [];
  }
  /** Words that came back into the box because the customer had written first. */
  get inTheBox(): boolean {
    return this.customers.some(({ conversation: id }) => id !== '' && this.draft(id) !== '');
  }

  look(): void {
    const { thread } = this;
    if (thread === null || thread.phase !== 'ready' || thread.hasOlder) return;
    const screen = this.screen.get(thread.id) ?? new Screen(`${this.name} at ${thread.id}`, true);
    this.screen.set(thread.id, screen);
    const known = new Set(thread.messages.map((m) => m.client_id));
    screen.look({
      messages: thread.messages,
      pending: this.unsent.filter((p) => p.conversation === thread.id && !known.has(p.clientId)),
    });
  }

  /** Sends again what had come back; the customer's words have been seen by now. */
  sendAnyway(): void {
    this.page.run(() => {
      const found = this.customers.find((c) => c.conversation !== '' && this.draft(c.conversation) !== '');
      if (found === undefined) return;
      this.open(found.conversation);
      this.workspace.send(found.conversation, 'reply', { evenIfStale: true });
    });
  }

  /** Goes to the next conversation, or answers in the one that was opened the last time. */
  private answer(): void {
    if (this.inTheBox) return this.sendAnyway();
    const there = this.customers.filter((c) => c.conversation !== '');
    if (there.length === 0) return;
    this.next ??= this.dice.pick(there);
    const { conversation: id, name } = this.next;
    this.open(id);
    if (this.thread?.phase !== 'ready') return;
    this.next = undefined;
    if (this.unsent.some((p) => p.conversation === id)) return;
    const said = this.written.get(id) ?? [];
    const text = `${this.name} answers ${name} with ${said.length + 1}`;
    this.workspace.drafts.write(id, 'reply', text);
    if (this.workspace.send(id, 'reply', { evenIfStale: this.dice.chance(0.5) }))
      this.written.set(id, [...said, text]);
  }

  private draft(id: string): string {
    return this.workspace.drafts.read(id, 'reply');
  }
}
