import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type Presence, type Queue, type QueueEntry, type Team } from '../../sdk';
import { en } from '../src/i18n/en';
import { zhCN } from '../src/i18n/zh-CN';
import { duration, durationRange } from '../src/lib/duration';
import { find, targets, type Known } from '../src/lib/handover';
import { happened } from '../src/lib/happened';
import { answerWithin, isLate } from '../src/lib/lateness';
import { choices, effective, PresenceBoard } from '../src/lib/presence.svelte';
import { lateEntries, QueueBoard } from '../src/lib/queue.svelte';
import { conversation, member, message, settle } from './make';

const now = new Date('2026-11-22T10:00:00Z');
const micros = (before: number) => (now.getTime() - before * 1000) * 1000;

function presence(agent: string, change: Partial<Presence> = {}): Presence {
  return { agent_id: agent, state: 'available', since: 1, until: 0, online: true, load: 0, ...change };
}
function entry(id: string, change: Partial<QueueEntry> = {}): QueueEntry {
  return {
    conversation_id: id,
    number: `VD-${id}`,
    contact_name: 'Olivia',
    team_id: '1',
    scenario: '',
    priority: 'normal',
    locale: 'en',
    live: true,
    position: 1,
    entered_at: micros(10),
    preview: 'hello',
    ...change,
  };
}
const team = (id: string, within: number): Team => ({
  id,
  name: `team ${id}`,
  entity: '',
  region: '',
  members: 1,
  hours: { zone: '', week: null, holidays: null },
  queue: { answer_within: within, max_waiting: 0 },
});

describe('how long', () => {
  it('is said in one or two units, in the reader’s language', () => {
    expect(duration(40, 'en')).toBe('40 sec');
    expect(duration(200, 'en')).toBe('3 min');
    expect(duration(3_900, 'en')).toBe('1 hr 5 min');
    expect(duration(3_600, 'en')).toBe('1 hr');
    expect(duration(200, 'zh-CN')).toBe('3分钟');
  });

  it('a range is rounded outwards: nobody is promised less than they may wait', () => {
    expect(durationRange(130, 260, 'en')).toBe('2–5 min');
    expect(durationRange(10, 50, 'en')).toBe('1 min');
    expect(durationRange(3_600, 9_000, 'en')).toBe('1–3 hr');
  });
});

describe('late', () => {
  it('is by the promise of the team: two minutes when it said nothing, never when it promises nothing', () => {
    expect(answerWithin(undefined)).toBe(120);
    expect(answerWithin({ answer_within: -1, max_waiting: 0 })).toBe(0);
    expect(isLate(micros(121), 120, now)).toBe(true);
    expect(isLate(micros(119), 120, now)).toBe(false);
    expect(isLate(micros(9_000), 0, now)).toBe(false);
    expect(isLate(0, 120, now)).toBe(false);
  });

  it('only those in front of the chat, each by their own team', () => {
    const all = [
      entry('1', { entered_at: micros(130) }),
      entry('2', { entered_at: micros(130), live: false }),
      entry('3', { entered_at: micros(130), team_id: '2' }),
      entry('4', { entered_at: micros(10) }),
    ];
    const late = lateEntries(all, [team('1', 0), team('2', 600)], now);
    expect(late.map((e) => e.conversation_id)).toEqual(['1']);
  });
});

describe('presence', () => {
  function board(held: ReturnType<typeof conversation>[] = []) {
    const set: [string, number | undefined][] = [];
    let refuse = false;
    const failures: unknown[] = [];
    const api = {
      presence: () => Promise.resolve({ presence: presence('11') }),
      setPresence: (state: Presence['state'], minutes?: number) => {
        set.push([state, minutes]);
        return refuse
          ? Promise.reject(new RequestError('offline', 0, '', 'no network', 'r'))
          : Promise.resolve({ presence: presence('11', { state, since: 5 }) });
      },
      conversations: () => Promise.resolve({ conversations: held, next: '' }),
    };
    return {
      set,
      failures,
      refuse: () => {
        refuse = true;
      },
      board: new PresenceBoard(api, (e) => failures.push(e)),
    };
  }
  const away = choices.find((c) => c.id === 'away') ?? choices[0];

  it('going away says how many customers go back to the queue, and waits for a yes', async () => {
    const waiting = conversation({ waiting_since: 5 });
    const answered = conversation({ id: '2', status: 'waiting', waiting_since: 0 });
    const { board: b, set } = board([waiting, answered]);
    await b.start('11');
    if (away !== undefined) await b.choose(away);
    expect(b.asking?.unanswered).toBe(1);
    expect(set).toEqual([]);
    if (b.asking !== null) await b.be(b.asking.choice);
    expect(set).toEqual([['away', undefined]]);
    expect(b.mine?.state).toBe('away');
    expect(b.asking).toBeNull();
  });

  it('nobody is asked who leaves nobody waiting', async () => {
    const { board: b, set } = board([]);
    await b.start('11');
    await b.choose({ id: 'break-15', state: 'break', minutes: 15 });
    expect(set).toEqual([['break', 15]]);
  });

  it('a change that the server did not hear is taken back and said', async () => {
    const { board: b, refuse, failures } = board([]);
    await b.start('11');
    refuse();
    await b.be({ id: 'wrap_up', state: 'wrap_up', minutes: 5 });
    expect(b.mine?.state).toBe('available');
    expect(failures).toHaveLength(1);
  });

  it('a break that is over counts as available; without a connection everybody is offline', () => {
    expect(effective(presence('1', { state: 'break', until: micros(5) }), now)).toBe('available');
    expect(effective(presence('1', { state: 'break', until: micros(-5) }), now)).toBe('break');
    expect(effective(presence('1', { online: false }), now)).toBe('offline');
    expect(effective(undefined, now)).toBe('offline');
  });

  it('old news about a colleague does not undo newer', () => {
    const { board: b } = board();
    b.receive(presence('12', { state: 'away', since: 10 }));
    b.receive(presence('12', { state: 'available', since: 5 }));
    expect(b.of('12')?.state).toBe('away');
  });
});

describe('the queue', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function board(answers: (Queue | Error)[]) {
    let asked = 0;
    const api = {
      queue: () => {
        const answer = answers[Math.min(asked++, answers.length - 1)];
        return answer instanceof Error || answer === undefined
          ? Promise.reject(answer ?? new Error('none'))
          : Promise.resolve(answer);
      },
    };
    const replaced: unknown[] = [];
    const b = new QueueBoard(api, { replace: (all) => replaced.push(all) });
    return { b, asked: () => asked, replaced };
  }
  const queue = (...entries: QueueEntry[]): Queue => ({ teams: [], entries, presence: [] });

  it('many changes in a row ask the server once', async () => {
    const { b, asked } = board([queue(entry('1'))]);
    for (let i = 0; i < 50; i++) b.soon();
    await vi.advanceTimersByTimeAsync(2_001);
    expect(asked()).toBe(1);
    expect(b.find('1')?.number).toBe('VD-1');
  });

  it('what changed while one asked is asked for again', async () => {
    const { b, asked } = board([queue(), queue(entry('2'))]);
    void b.load();
    void b.load();
    await settle();
    expect(asked()).toBe(2);
    expect(b.entries.map((e) => e.conversation_id)).toEqual(['2']);
  });

  it('a failure leaves what is on the screen', async () => {
    const { b } = board([queue(entry('1')), new Error('down')]);
    await b.load();
    await b.load();
    expect(b.phase).toBe('ready');
    expect(b.entries).toHaveLength(1);
    b.drop('1');
    expect(b.entries).toEqual([]);
  });
});

describe('handing over', () => {
  const known = (change: Partial<Known> = {}): Known => ({
    me: '11',
    agents: [
      member('11', 'Me'),
      member('12', 'Jonas'),
      member('13', 'Mei'),
      member('14', 'Rosa', { role: 'supervisor' }),
      member('15', 'Kai', { role: 'editor' }),
      member('16', 'Gone', { status: 'disabled' }),
    ],
    teams: [
      { id: '1', name: 'Support' },
      { id: '2', name: 'VIP' },
    ],
    standing: [],
    presence: (id) =>
      ({
        '12': presence('12', { load: 4 }),
        '13': presence('13', { load: 1 }),
        '14': presence('14', { state: 'away' }),
      })[id],
    now,
    mayGive: true,
    queueName: 'Back to the queue',
    ...change,
  });

  it('offers the queue, other teams, then whoever can take most; never oneself or who cannot answer', () => {
    const names = targets(conversation({ assignee_id: '11' }), known()).map((x) => x.name);
    expect(names).toEqual(['Back to the queue', 'VIP', 'Mei', 'Jonas', 'Rosa']);
  });

  it('who may not give to others may still return', () => {
    const all = targets(conversation({ assignee_id: '11' }), known({ mayGive: false }));
    expect(all.map((x) => x.kind)).toEqual(['queue']);
  });

  it('what nobody has cannot be returned, and a name finds its owner', () => {
    const all = targets(conversation(), known());
    expect(all.some((x) => x.kind === 'queue')).toBe(false);
    expect(find(all, 'jon').map((x) => x.name)).toEqual(['Jonas']);
  });
});

describe('what has happened', () => {
  const told = (event: NonNullable<Parameters<typeof message>[1]>, t: typeof en | typeof zhCN = en) => {
    const { who, what } = happened(message(5, { author_kind: 'system', author_id: '', ...event }), t);
    return [who, what].filter((x) => x !== '').join(' ');
  };

  it('is told in words, with the reason why work came back', () => {
    expect(told({ event: { type: 'returned', from: 'Mei', to: 'silence' } })).toBe(
      'Mei did not answer in time: back to the queue',
    );
    expect(told({ author_name: 'Mei', event: { type: 'returned', from: 'Mei', to: 'by_hand' } })).toBe(
      'Mei returned this to the queue',
    );
    expect(told({ author_name: 'Mei', event: { type: 'handover', from: 'Mei', to: 'VIP' } })).toBe(
      'Mei handed this over to VIP',
    );
    expect(told({ author_name: 'Mei', event: { type: 'assignee', from: '', to: 'Mei' } })).toBe(
      'Mei took this',
    );
    expect(told({ event: { type: 'assignee', from: '', to: 'Mei' } })).toBe('Given to Mei by the queue');
    expect(told({ author_id: '500', event: { type: 'ended', from: 'open', to: 'resolved' } })).toBe(
      'The customer ended the chat',
    );
    expect(told({ event: { type: 'ended', from: 'open', to: 'resolved' } })).toBe('The chat ended by itself');
    expect(told({ event: { type: 'rating', from: '', to: '4' } })).toBe('The customer rated this 4 of 5');
    expect(told({ event: { type: 'returned', from: '', to: 'a reason of tomorrow' } })).toBe(
      'Back to the queue',
    );
    expect(told({ event: { type: 'signed_in', from: '', to: '77' } }, zhCN)).toContain('客户已登录');
  });
});
