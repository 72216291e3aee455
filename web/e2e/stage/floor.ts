// The shop floor: who of the staff could take work, and a queue that holds only what the test puts there.
import type { Conversation, QueueEntry, StaffMember, Team } from '../../sdk';
import { Api } from './api';
import type { Engine } from './house';
import { until } from './wait';

type House = Pick<Engine, 'url'>;

export class Floor {
  /** What people could carry before a test changed it. */
  private readonly before = new Map<string, number>();

  private constructor(
    readonly house: House,
    /** The administrator. */
    readonly lin: Api,
  ) {}

  /** Everything that was open is settled and nobody takes work but whom the test brings (see Cast.present). */
  static async clear(house: House): Promise<Floor> {
    const floor = new Floor(house, await Api.as(house, 'lin@meridian.example'));
    // Whom we have answered counts as work in hand, too.
    for (const view of ['open', 'waiting']) {
      const { conversations } = await floor.lin.get<{ conversations: Conversation[] }>(
        `/conversations?view=${view}&limit=100`,
      );
      for (const c of conversations) await floor.lin.patch(`/conversations/${c.id}`, { status: 'resolved' });
    }
    await floor.waiting(0);
    for (const who of ['lin', 'mei', 'jonas', 'rosa'])
      await (await floor.as(who)).put('/me/presence', { state: 'away' });
    return floor;
  }

  as(who: string): Promise<Api> {
    return Api.as(this.house, `${who}@meridian.example`);
  }

  /** How many live chats somebody may have at once, until `restore`. */
  async capacity(who: string, chats: number): Promise<void> {
    const { agents } = await this.lin.get<{ agents: StaffMember[] }>('/staff/agents');
    const agent = agents.find((a) => a.email === `${who}@meridian.example`);
    if (agent === undefined) throw new Error(`nobody is called ${who}`);
    if (!this.before.has(agent.id)) this.before.set(agent.id, agent.capacity);
    await this.lin.patch(`/staff/agents/${agent.id}`, { capacity: chats * 2 });
  }
  async restore(): Promise<void> {
    for (const [id, capacity] of this.before) await this.lin.patch(`/staff/agents/${id}`, { capacity });
  }

  async team(change: Partial<Pick<Team, 'hours' | 'queue'>>): Promise<void> {
    const { teams } = await this.lin.get<{ teams: Team[] }>('/staff/teams');
    await this.lin.patch(`/staff/teams/${teams[0]?.id}`, change);
  }

  /** What the newest conversation with these words in it is. */
  async conversation(preview: string): Promise<Conversation> {
    const { conversations } = await this.lin.get<{ conversations: Conversation[] }>(
      '/conversations?view=all&limit=50',
    );
    const found = conversations.find((c) => c.last_message?.preview.includes(preview));
    if (found === undefined) throw new Error(`no conversation ends with "${preview}"`);
    return found;
  }

  /** Somebody of the staff answers without a browser. */
  async answer(who: string, conversation: string, body: string): Promise<void> {
    await (
      await this.as(who)
    ).post(`/conversations/${conversation}/messages`, {
      client_id: crypto.randomUUID(),
      body,
      visibility: 'public',
    });
  }

  /** Waits until a new customer is told that somebody is there. */
  async opens(): Promise<void> {
    await until('the chat is open', 10_000, async () => {
      const { channels } = await this.lin.get<{ channels: { open: boolean }[] }>('/widget/config');
      return channels[0]?.open === true;
    });
  }

  /** Waits until so many stand in line. */
  async waiting(n: number): Promise<void> {
    await until(`${n} wait`, 10_000, async () => {
      const { entries } = await this.lin.get<{ entries: QueueEntry[] }>('/queue');
      return entries.length === n;
    });
  }

  /** The text of the mails of the demo, newest first. */
  async mails(): Promise<string> {
    return (await fetch(`${this.house.url}/demo/mail`)).text();
  }
}
