import { describe, expect, it } from 'vitest';
import { RequestError, type Hours, type QueueSettings, type Team } from '../../sdk';
import {
  holidayOn,
  minutes,
  nextSpan,
  officeWeek,
  spanProblem,
  standing,
  tidy,
  wholeWeek,
} from '../src/settings/hours';
import { EditedQueue } from '../src/settings/queue_edit.svelte';
import { dateValue, EditedTeam, holidayProblem, onDate, whole } from '../src/settings/team/edited.svelte';

const at = (iso: string) => new Date(iso);

describe('times as people type them', () => {
  it('are read however they are written, and only when they are on a clock', () => {
    expect(['9', '930', '9:30', '0930', '24:00', '09：30'].map(tidy)).toEqual([
      '09:00',
      '09:30',
      '09:30',
      '09:30',
      '24:00',
      '09:30',
    ]);
    expect([minutes('24:01'), minutes('25:00'), minutes('9:60'), minutes('nine'), minutes('')]).toEqual([
      -1, -1, -1, -1, -1,
    ]);
  });

  it('a day that cannot be is said before the server says it', () => {
    expect(spanProblem([{ from: '09:00', to: '18:00' }])).toBe('');
    expect(spanProblem([{ from: '22:00', to: '06:00' }])).toBe('order');
    expect(spanProblem([{ from: 'x', to: '06:00' }])).toBe('time');
    expect(
      spanProblem([
        { from: '13:00', to: '18:00' },
        { from: '09:00', to: '13:30' },
      ]),
    ).toBe('overlap');
  });

  it('the next span begins after a break', () => {
    expect(nextSpan([])).toEqual({ from: '09:00', to: '18:00' });
    expect(nextSpan([{ from: '09:00', to: '12:00' }])).toEqual({ from: '13:00', to: '17:00' });
    expect(nextSpan([{ from: '09:00', to: '21:00' }]).to).toBe('24:00');
  });
});

describe('what hours mean now', () => {
  const office: Hours = { zone: 'Asia/Shanghai', week: officeWeek(), holidays: null };

  it('open until the evening, by the clocks of the team', () => {
    // Monday 10:00 in Shanghai.
    expect(standing(office, at('2026-11-23T02:00:00Z'))).toEqual({
      open: true,
      until: { date: '2026-11-23', time: '18:00', days: 0 },
    });
  });

  it('closed at the weekend, opens Monday 09:00', () => {
    expect(standing(office, at('2026-11-21T04:00:00Z'))).toEqual({
      open: false,
      opens: { date: '2026-11-23', time: '09:00', days: 2 },
    });
  });

  it('a holiday closes a day that is otherwise open, every year or once', () => {
    const yearly = { date: '--10-01', name: { en: 'National Day' }, open: [] };
    const once = { date: '2026-10-02', name: { en: 'Move' }, open: [{ from: '10:00', to: '11:00' }] };
    const hours: Hours = { ...office, holidays: [yearly, once] };
    const now = standing(hours, at('2026-10-01T02:00:00Z'));
    expect(now).toMatchObject({
      open: false,
      opens: { date: '2026-10-02', time: '10:00', days: 1 },
      holiday: { name: { en: 'National Day' } },
    });
    expect(holidayOn('2027-10-01', hours.holidays ?? [])).toBe(yearly);
    expect(holidayOn('2027-10-02', hours.holidays ?? [])).toBeUndefined();
  });

  it('a night shift over midnight is one span', () => {
    const week = wholeWeek([[{ from: '20:00', to: '24:00' }], [{ from: '00:00', to: '06:00' }]]);
    expect(standing({ zone: '', week, holidays: null }, at('2026-11-23T21:00:00Z'))).toEqual({
      open: true,
      until: { date: '2026-11-24', time: '06:00', days: 1 },
    });
  });

  it('a day that ends at midnight closes at 24:00', () => {
    const week = wholeWeek([[{ from: '20:00', to: '24:00' }]]);
    expect(standing({ zone: '', week, holidays: null }, at('2026-11-23T21:00:00Z'))).toMatchObject({
      open: true,
      until: { time: '24:00', days: 0 },
    });
  });

  it('always open never closes, a week without hours never opens, an unknown zone says nothing', () => {
    expect(standing({ zone: '', week: null, holidays: null }, at('2026-11-23T21:00:00Z'))).toEqual({
      open: true,
      until: null,
    });
    expect(standing({ zone: '', week: wholeWeek([]), holidays: null }, at('2026-11-23T21:00:00Z'))).toEqual({
      open: false,
      opens: null,
    });
    expect(standing({ ...office, zone: 'Mars/Olympus' }, at('2026-11-23T21:00:00Z'))).toBeNull();
  });

  it('summer time: the clocks of the zone count, not the hours that passed', () => {
    const week = wholeWeek(Array.from({ length: 7 }, () => [{ from: '09:00', to: '17:00' }]));
    const berlin: Hours = { zone: 'Europe/Berlin', week, holidays: null };
    expect(standing(berlin, at('2026-03-28T08:30:00Z'))).toMatchObject({ open: true });
    expect(standing(berlin, at('2026-03-29T06:30:00Z'))).toMatchObject({ open: false });
    expect(standing(berlin, at('2026-03-29T07:00:00Z'))).toMatchObject({ open: true });
  });
});

describe('a team while it is edited', () => {
  const team: Team = {
    id: '1',
    name: 'Support',
    entity: 'main',
    region: '',
    members: 3,
    hours: { zone: 'Asia/Shanghai', week: null, holidays: null },
    queue: { answer_within: 240, max_waiting: 0 },
  };

  it('comes out as it went in', () => {
    expect(new EditedTeam(team).patch).toEqual({
      name: 'Support',
      entity: 'main',
      region: '',
      hours: { zone: 'Asia/Shanghai', week: null, holidays: [] },
      queue: { answer_within: 240, max_waiting: 0 },
    });
  });

  it('office hours are offered once it is not always open, and what is wrong keeps it from being saved', () => {
    const edited = new EditedTeam(team);
    edited.always = false;
    expect(edited.hours.week?.[0]).toEqual([{ from: '09:00', to: '18:00' }]);
    expect(edited.sound).toBe(true);
    edited.week = edited.week.map((d, i) => (i === 0 ? [{ from: '18:00', to: '09:00' }] : d));
    expect(edited.sound).toBe(false);
    edited.always = true;
    expect(edited.sound).toBe(true);
    edited.zone = 'Nowhere';
    expect(edited.sound).toBe(false);
  });

  it('an own promise is in minutes, no limit is said by nothing', () => {
    const edited = new EditedTeam(team);
    expect([edited.promise, edited.ownMinutes]).toEqual(['own', '4']);
    edited.ownMinutes = '7';
    edited.maxWaiting = '30';
    expect(edited.queue).toEqual({ answer_within: 420, max_waiting: 30 });
    edited.promise = '-1';
    edited.maxWaiting = '';
    expect(edited.queue).toEqual({ answer_within: -1, max_waiting: 0 });
    edited.maxWaiting = 'many';
    expect(edited.sound).toBe(false);
  });

  it('a holiday needs a date and a name in both languages, and stands once', () => {
    const names = { en: 'National Day', 'zh-CN': '国庆节' };
    const first = { date: '--10-01', name: names, open: [] };
    expect(holidayProblem(first, 0, [first])).toBe('');
    expect(holidayProblem({ ...first, name: { en: 'x' } }, 0, [first])).toBe('problemName');
    expect(holidayProblem({ ...first, date: '' }, 0, [first])).toBe('problemDate');
    const again = { ...first };
    expect(holidayProblem(again, 1, [first, again])).toBe('problemTwice');
  });

  it('a yearly date is shown in this year and kept without one', () => {
    expect(dateValue('--10-01', 2026)).toBe('2026-10-01');
    expect(dateValue('--02-29', 2026)).toBe('2028-02-29');
    expect(onDate('2026-10-01', true)).toBe('--10-01');
    expect(onDate(dateValue('--10-01', 2026), false)).toBe('2026-10-01');
  });

  it('numbers are whole and within their range', () => {
    expect([whole(' 6 ', 0), whole('6.5', 0), whole('-1', 0), whole('101', 0, 100), whole('', 0)]).toEqual([
      6,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('the settings of the queue while somebody else changes them', () => {
  const settings = (change: Partial<QueueSettings> = {}): QueueSettings => ({
    channel_weights: { chat: 2, message: 1 },
    boost: { urgent: 86_400, high: 600, normal: 0, low: -1_800 },
    sticky_seconds: 60,
    offline_after: 45,
    revision: 3,
    ...change,
  });

  it('keeps what was typed, shows what is in force, and saves on top of it when asked', async () => {
    const saved: QueueSettings[] = [];
    let held = settings();
    const api = {
      queueSettings: () => Promise.resolve(held),
      saveQueueSettings: (s: QueueSettings) => {
        saved.push(s);
        if (s.revision !== held.revision)
          return Promise.reject(new RequestError('permanent', 409, 'stale', 'changed', 'r'));
        held = { ...s, revision: s.revision + 1 };
        return Promise.resolve(held);
      },
    };
    const edited = new EditedQueue(api, held);
    edited.set('sticky_seconds', '120');
    held = settings({ sticky_seconds: 30, revision: 4 });
    expect(await edited.save()).toBe(false);
    expect(edited.conflict).toBe(true);
    expect(edited.text('sticky_seconds')).toBe('120');
    expect(edited.inForce('sticky_seconds')).toBe(30);
    expect(edited.differs('offline_after')).toBe(false);
    expect(await edited.save()).toBe(true);
    expect(saved.at(-1)).toMatchObject({ sticky_seconds: 120, revision: 4 });
    expect([edited.conflict, edited.changed]).toEqual([false, false]);
  });

  it('what is in force can be taken instead', async () => {
    const api = {
      queueSettings: () => Promise.resolve(settings({ offline_after: 90, revision: 9 })),
      saveQueueSettings: () => Promise.reject(new RequestError('permanent', 409, 'conflict', 'no', 'r')),
    };
    const edited = new EditedQueue(api, settings());
    edited.set('offline_after', '60');
    await edited.save();
    edited.take();
    expect([edited.text('offline_after'), edited.conflict]).toEqual(['90', false]);
  });

  it('what is no number is not sent, and other failures are not taken for a conflict', async () => {
    const api = {
      queueSettings: () => Promise.resolve(settings()),
      saveQueueSettings: () => Promise.reject(new RequestError('offline', 0, '', 'no network', 'r')),
    };
    const edited = new EditedQueue(api, settings());
    edited.set('weight.chat', 'two');
    expect(edited.sound).toBe(false);
    edited.set('weight.chat', '3');
    expect(edited.sound).toBe(true);
    await expect(edited.save()).rejects.toThrow('no network');
    expect(edited.conflict).toBe(false);
    expect(edited.text('weight.chat')).toBe('3');
  });
});
