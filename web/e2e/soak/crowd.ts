// Everybody who takes part in one run, and what they go through.
import { Agent } from './agent';
import { compare } from './compare';
import type { Dice } from './dice';
import type { House } from './house';
import type { Ledger } from './ledger';
import { clear, Line, type Faults } from './line';
import { Tally } from './tally';
import { Visitor } from './visitor';
import { rage, usual, type Trouble } from './weather';

export interface Size {
  visitors: number;
  agents: number;
  /** Milliseconds between two things that one person says, on average. */
  visitorEvery: number;
  agentEvery: number;
}

const watchEvery = 400;

export class Crowd {
  readonly tally = new Tally();
  readonly visitors: Visitor[] = [];
  readonly agents: Agent[] = [];
  /** What was in order last. */
  private latest = '';

  private constructor(
    private readonly house: House,
    private readonly size: Size,
  ) {}

  static async gather(house: House, size: Size, dice: Dice): Promise<Crowd> {
    const crowd = new Crowd(house, size);
    const line = async (address: string) => {
      const l = await Line.open(house.road, address, dice.child(), crowd.tally);
      block(l, dice.roll());
      return l;
    };
    for (let i = 0; i < size.visitors; i++)
      crowd.visitors.push(new Visitor(`v${i}`, await line(`10.1.${i >> 8}.${i & 255}`), dice.child()));
    for (let i = 0; i < size.agents; i++) {
      const customers = crowd.visitors.filter((_, n) => n % size.agents === i);
      const agent = new Agent(`a${i}`, await line(`10.2.0.${i}`), dice.child(), customers);
      await agent.come(await house.invite(`a${i}@meridian.example`));
      crowd.agents.push(agent);
    }
    return crowd;
  }

  get people() {
    return [...this.visitors, ...this.agents];
  }

  /** The customers come one after the other and write. */
  arrive(dice: Dice): void {
    for (const v of this.visitors) setTimeout(() => v.come(), dice.between(0, this.size.visitorEvery / 3));
  }

  /** Everybody talks while the plan happens; afterwards all is well again, and nobody begins anything new. */
  async goThrough(plan: readonly Trouble[]): Promise<void> {
    const { visitorEvery, agentEvery } = this.size;
    this.become(usual);
    for (const v of this.visitors) v.talk(visitorEvery);
    for (const a of this.agents) a.talk(agentEvery);
    try {
      await rage(plan, this.people, this.house, this.tally);
    } finally {
      for (const p of this.people) p.hush();
    }
    this.become(clear);
  }

  private become(faults: Readonly<Faults>): void {
    for (const { line } of this.people) {
      const { socket, stream } = line.faults; // walls stay where they are
      Object.assign(line.faults, faults, { socket, stream });
    }
  }

  /** Looks at every screen all the time until `done`. */
  async watch(done: Promise<void>): Promise<void> {
    const look = setInterval(() => {
      for (const p of this.people) p.look();
    }, watchEvery);
    try {
      await done;
    } finally {
      clearInterval(look);
      for (const p of this.people) p.look();
    }
  }

  /** Waits until every message has found its way by itself; gives what is still wrong when `limit` ms have passed. */
  async settle(limit: number): Promise<string[]> {
    const deadline = performance.now() + limit;
    for (;;) {
      for (const a of this.agents) a.sendAnyway();
      const [waiting] = this.waiting;
      if (waiting === undefined) break;
      this.latest = waiting;
      if (performance.now() > deadline) return this.waiting;
      await pause(200);
    }
    const findings: string[] = [];
    // Each agent has the same number of customers and sees them one after the other.
    const most = Math.ceil(this.size.visitors / this.size.agents);
    for (let turn = 0; turn < most; turn++)
      findings.push(...(await Promise.all(this.agents.map((a) => this.agree(a, turn, deadline)))).flat());
    return findings;
  }

  /** Opens an agent's next conversation until all three views of it are the same. */
  private async agree(agent: Agent, turn: number, deadline: number): Promise<string[]> {
    const visitor = agent.customers[turn];
    if (visitor === undefined) return [];
    for (;;) {
      agent.open(visitor.conversation);
      const found = await compare(this.house, visitor, agent);
      if (found.length === 0 || performance.now() > deadline) return found;
      this.latest = found[0] ?? '';
      await pause(200);
    }
  }

  private get waiting(): string[] {
    return [
      ...this.visitors.flatMap((v) =>
        v.unsent.length > 0 ? [`${v.name}: ${v.unsent.length} not sent`] : [],
      ),
      ...this.visitors.flatMap((v) => (v.conversation === '' ? [`${v.name} has no conversation`] : [])),
      ...this.agents.flatMap((a) =>
        a.unsent.length > 0 || a.inTheBox ? [`${a.name}: not everything sent`] : [],
      ),
    ];
  }

  /** What was wrong on a screen at any time, and what the server refused. */
  get complaints(): string[] {
    return [
      ...this.visitors.flatMap((v) => v.screen.faults),
      ...this.agents.flatMap((a) => [...a.screen.values()].flatMap((s) => s.faults)),
      ...this.visitors.flatMap((v) => v.ledger.refused.map((r) => `${v.name}: ${r}`)),
      ...this.agents.flatMap((a) =>
        a.ledger.refused.filter((r) => !r.includes('"code":"stale"')).map((r) => `${a.name}: ${r}`),
      ),
    ];
  }

  /** What people said that the servers acknowledged. */
  get acknowledged(): { customers: number; agents: number } {
    const sum = (people: readonly { ledger: Ledger }[]) =>
      people.reduce((n, p) => n + p.ledger.acknowledged.size, 0);
    return { customers: sum(this.visitors), agents: sum(this.agents) };
  }

  get report(): string {
    const { customers, agents } = this.acknowledged;
    const at = (transport: string) => this.people.filter((p) => p.line.transport === transport).length;
    return (
      `acknowledged: ${customers} of customers, ${agents} of agents; ` +
      `at the end on WebSocket ${at('websocket')}, stream ${at('stream')}, polling ${at('polling')}; ${String(this.tally)}; in order last: ${this.latest}`
    );
  }

  async leave(): Promise<void> {
    for (const a of this.agents) a.leave();
    for (const v of this.visitors) v.leave();
    await Promise.all(this.people.map((p) => p.line.close()));
  }
}

/** Some networks never let everything through. */
function block({ faults }: Line, share: number): void {
  if (share < 0.25) faults.socket = share < 0.22 ? 'refused' : 'hung';
  if (share < 0.1) faults.stream = share < 0.08 ? 'refused' : 'buffered';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
