// A team as it is being edited: what is typed stays until it is saved, whatever the server answers.

import type { DaySpan, Holiday, Hours, Team, TeamQueue } from '../../../../sdk';
import { inZone, officeWeek, spanProblem, wholeWeek } from '../hours';

/** The value of a date field; a yearly date is shown in `year`, the 29th of February in the next leap year. */
export function dateValue(date: string, year: number): string {
  if (!date.startsWith('--')) return date;
  const rest = date.slice(2);
  const shown = rest === '02-29' ? Math.ceil(year / 4) * 4 : year;
  return /^\d\d-\d\d$/.test(rest) ? `${shown}-${rest}` : '';
}

/** What a date field and "every year" mean together. */
export function onDate(value: string, yearly: boolean): string {
  if (value === '') return yearly ? '--' : '';
  return yearly ? `--${value.slice(5)}` : value;
}

export type HolidayProblem = 'problemDate' | 'problemName' | 'problemTwice';

export function holidayProblem(h: Holiday, i: number, all: readonly Holiday[]): HolidayProblem | '' {
  if (!/^(\d{4}|-)-\d\d-\d\d$/.test(h.date)) return 'problemDate';
  if (all.findIndex((x) => x.date === h.date) !== i) return 'problemTwice';
  return ['en', 'zh-CN'].every((l) => (h.name[l] ?? '').trim() !== '') ? '' : 'problemName';
}

/** Whole number of at least `low`; null for anything else. */
export function whole(text: string, low: number, high = Number.MAX_SAFE_INTEGER): number | null {
  const value = Number(text.trim());
  return /^-?\d+$/.test(text.trim()) && value >= low && value <= high ? value : null;
}

/** The promises that are offered, in seconds; own is any other. */
export const offers: readonly number[] = [0, 60, 180, 300, 600, -1];

export class EditedTeam {
  name = $state('');
  entity = $state('');
  region = $state('');
  always = $state(true);
  zone = $state('');
  week: DaySpan[][] = $state.raw([]);
  holidays: Holiday[] = $state.raw([]);
  /** One of the offers, or own. */
  promise = $state('0');
  ownMinutes = $state('');
  maxWaiting = $state('');
  /** Somebody has tried to save: say what is missing. */
  strict = $state(false);

  constructor(team: Team) {
    this.name = team.name;
    this.entity = team.entity;
    this.region = team.region;
    const { hours, queue } = team;
    this.always = hours.week === null || hours.week.length === 0;
    this.zone = hours.zone;
    this.week = this.always ? officeWeek() : wholeWeek(hours.week ?? []);
    this.holidays = (hours.holidays ?? []).map((h) => ({ ...h, name: { ...h.name }, open: h.open ?? [] }));
    const within = queue.answer_within;
    const offered = offers.includes(within);
    this.promise = offered ? String(within) : 'own';
    this.ownMinutes = offered ? '' : String(Math.max(1, Math.round(within / 60)));
    this.maxWaiting = queue.max_waiting > 0 ? String(queue.max_waiting) : '';
  }

  get hours(): Hours {
    return {
      zone: this.zone.trim(),
      week: this.always ? null : this.week,
      holidays: this.holidays.map((h) => ({ ...h, open: h.open ?? [] })),
    };
  }

  get zoneKnown(): boolean {
    return inZone(new Date(0), this.zone.trim()) !== null;
  }
  get ownOk(): boolean {
    return this.promise !== 'own' || whole(this.ownMinutes, 1, 1440) !== null;
  }
  get maxOk(): boolean {
    return this.maxWaiting.trim() === '' || whole(this.maxWaiting, 1) !== null;
  }

  get queue(): TeamQueue {
    return {
      answer_within:
        this.promise === 'own' ? (whole(this.ownMinutes, 1, 1440) ?? 0) * 60 : Number(this.promise),
      max_waiting: this.maxWaiting.trim() === '' ? 0 : (whole(this.maxWaiting, 1) ?? 0),
    };
  }

  /** Nothing that the server would refuse as far as one can tell here. */
  get sound(): boolean {
    return (
      this.name.trim() !== '' &&
      this.zoneKnown &&
      this.ownOk &&
      this.maxOk &&
      (this.always || this.week.every((day) => spanProblem(day) === '')) &&
      this.holidays.every(
        (h, i) => holidayProblem(h, i, this.holidays) === '' && spanProblem(h.open ?? []) === '',
      )
    );
  }

  get patch(): Pick<Team, 'name' | 'entity' | 'region' | 'hours' | 'queue'> {
    return {
      name: this.name.trim(),
      entity: this.entity.trim(),
      region: this.region.trim(),
      hours: this.hours,
      queue: this.queue,
    };
  }
}
