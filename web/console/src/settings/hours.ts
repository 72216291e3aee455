// Hours of a team as they are edited, and what they mean at a moment. The server decides; this shows what one types.

import type { DaySpan, Holiday, Hours } from '../../../sdk';

/** Minutes from midnight of "9", "930", "9:30" or "24:00"; -1 for anything else. */
export function minutes(text: string): number {
  const found = /^(\d{1,2}):?(\d{2})?$/.exec(text.trim().replace('：', ':'));
  if (found === null) return -1;
  const hour = Number(found[1]);
  const minute = Number(found[2] ?? '0');
  if (hour > 24 || minute > 59 || (hour === 24 && minute > 0)) return -1;
  return hour * 60 + minute;
}

/** "09:30"; what cannot be read stays as it was typed. */
export function tidy(text: string): string {
  const at = minutes(text);
  if (at < 0) return text.trim();
  return `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
}

export type SpanProblem = 'time' | 'order' | 'overlap';

/** What is wrong with the spans of one day; '' when nothing is. */
export function spanProblem(spans: readonly DaySpan[]): SpanProblem | '' {
  const read = spans.map((s) => ({ from: minutes(s.from), to: minutes(s.to) }));
  if (read.some((s) => s.from < 0 || s.to < 0)) return 'time';
  if (read.some((s) => s.to <= s.from)) return 'order';
  const sorted = read.sort((a, b) => a.from - b.from);
  return sorted.some((s, i) => i > 0 && s.from < (sorted[i - 1]?.to ?? 0)) ? 'overlap' : '';
}

/** The span to offer on a day that has some already: after a break of an hour, otherwise office hours. */
export function nextSpan(spans: readonly DaySpan[]): DaySpan {
  const last = Math.max(-1, ...spans.map((s) => minutes(s.to)));
  if (last < 0 || last > 22 * 60) return { from: '09:00', to: '18:00' };
  return { from: tidy(clockText(last + 60)), to: tidy(clockText(Math.min(last + 300, 1440))) };
}

function clockText(at: number): string {
  return `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}`;
}

export interface Moment {
  /** 2026-10-01. */
  date: string;
  /** Monday is 0. */
  weekday: number;
  /** From midnight. */
  minute: number;
}

/** A moment on the clocks of a zone; null when the zone is not known. */
export function inZone(now: Date, zone: string): Moment | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone === '' ? 'UTC' : zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return null;
  }
  const parts = Object.fromEntries(format.formatToParts(now).map((p) => [p.type, p.value]));
  const date = `${parts['year']}-${parts['month']}-${parts['day']}`;
  return {
    date,
    weekday: weekdayOf(date),
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

function weekdayOf(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The holiday of a date; one of that very date goes before one of every year. */
export function holidayOn(date: string, holidays: readonly Holiday[]): Holiday | undefined {
  return holidays.find((h) => h.date === date) ?? holidays.find((h) => h.date === `--${date.slice(5)}`);
}

function spansOn(date: string, hours: Hours): readonly DaySpan[] {
  const holiday = holidayOn(date, hours.holidays ?? []);
  if (holiday !== undefined) return holiday.open ?? [];
  if (hours.week === null) return [{ from: '00:00', to: '24:00' }];
  return hours.week[weekdayOf(date)] ?? [];
}

/** A moment to come, on the clocks of the zone. */
export interface Next {
  date: string;
  time: string;
  /** From today. */
  days: number;
}

export type Standing =
  | { open: true; until: Next | null; holiday?: Holiday }
  | { open: false; opens: Next | null; holiday?: Holiday };

/** How far ahead somebody is told when it opens. */
const horizon = 370;

/** Open or closed at a moment, and what comes next; null when the zone is not known. Times are on the clocks of the zone. */
export function standing(hours: Hours, now: Date): Standing | null {
  const at = inZone(now, hours.zone);
  if (at === null) return null;
  const holiday = holidayOn(at.date, hours.holidays ?? []);
  const because = holiday === undefined ? {} : { holiday };
  const current = spansOn(at.date, hours).find(
    (s) => minutes(s.from) <= at.minute && at.minute < minutes(s.to),
  );
  if (current !== undefined) return { open: true, until: closes(hours, at, current), ...because };
  for (let days = 0; days < horizon; days++) {
    const date = dayAfter(at.date, days);
    const first = [...spansOn(date, hours)]
      .sort((a, b) => minutes(a.from) - minutes(b.from))
      .find((s) => days > 0 || minutes(s.from) > at.minute);
    if (first !== undefined)
      return { open: false, opens: { date, time: tidy(first.from), days }, ...because };
  }
  return { open: false, opens: null, ...because };
}

/** When it closes: spans that meet, also at midnight, are one. null: not within sight. */
function closes(hours: Hours, at: Moment, current: DaySpan): Next | null {
  let end = minutes(current.to);
  for (let days = 0; days < horizon; days++) {
    const date = dayAfter(at.date, days);
    const spans = spansOn(date, hours);
    for (;;) {
      const next = spans.find((s) => minutes(s.from) <= end && minutes(s.to) > end);
      if (next === undefined) break;
      end = minutes(next.to);
    }
    if (end < 1440) {
      if (days > 0 && end === 0) return { date: dayAfter(date, -1), time: '24:00', days: days - 1 };
      return { date, time: tidy(clockText(end)), days };
    }
    end = 0;
  }
  return null;
}

export const allDay: DaySpan = { from: '00:00', to: '24:00' };

/** Monday to Friday, office hours. */
export function officeWeek(): DaySpan[][] {
  return Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ from: '09:00', to: '18:00' }] : []));
}

/** A week of seven days, whatever the server had. */
export function wholeWeek(week: readonly (readonly DaySpan[] | null)[]): DaySpan[][] {
  return Array.from({ length: 7 }, (_, day) => (week[day] ?? []).map((s) => ({ ...s })));
}

/** The zones that this browser knows, with the one in use among them. */
export function zones(current: string): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set(['UTC', ...known, ...(current === '' ? [] : [current])])];
}
