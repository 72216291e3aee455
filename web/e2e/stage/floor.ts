// The shop floor: who of the staff could take work, and a queue that holds only what the test puts there.
import type { Conversation, QueueEntry, StaffMember, Team } from '../../sdk';
import { Api } from './api';
import type { Engine } from './house';
import { until } from './wait';

type House = Pick<Engine, 'url'>;

export class Floor {
  private constructor(
    readonly house: House,
    /** The administrator. */
    readonly lin: Api,
  ) {}

  /** Everything that was open is settled, everybody is as they were at the beginning. */
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
      await (await floor.as(who)).put('/me/presence', { state: 'available' });
    return floor;
  }

  as(who: string): Promise<Api> {
    return Api.as(this.house, `${who}@meridian.example`);
  }

  /** How many live chats somebody may have at once. */
  async capacity(who: string, chats: number): Promise<void> {
    const { agents } = await this.lin.get<{ agents: StaffMember[] }>('/staff/agents');
    const id = agents.find((a) => a.email === `${who}@meridian.example`)?.id;
    await this.lin.patch(`/staff/agents/${id}`, { capacity: chats * 2 });
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
