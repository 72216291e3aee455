// Which steps a text may take, by its stage and the agent's permission. The server decides; this decides what is offered.

import type { ArticleText, Stage } from '../../../sdk';

export type StageAction =
  | 'publish'
  | 'update'
  | 'review'
  | 'backToDraft'
  | 'schedule'
  | 'reschedule'
  | 'unschedule'
  | 'archive'
  | 'unarchive'
  | 'discard'
  | 'reviewed';

export interface Offered {
  /** The one that is next; null when there is nothing to do. */
  main: StageAction | null;
  more: StageAction[];
}

type Text = Pick<ArticleText, 'status' | 'live'>;

export function offered(text: Text, may: { edit: boolean; publish: boolean }): Offered {
  if (!may.edit) return { main: null, more: [] };
  const up = text.live > 0;
  const publish: StageAction = up ? 'update' : 'publish';
  if (!may.publish) return forWriters(text.status);
  const always: StageAction[] = up ? ['discard', 'archive'] : [];
  switch (text.status) {
    case 'draft':
      return { main: publish, more: ['schedule', 'review', ...always] };
    case 'review':
      return { main: publish, more: ['schedule', 'backToDraft', ...always] };
    case 'scheduled':
      return { main: publish, more: ['reschedule', 'unschedule', ...always] };
    case 'published':
      return { main: null, more: ['reviewed', 'archive'] };
    default:
      return { main: 'publish', more: ['unarchive'] };
  }
}

function forWriters(status: Stage): Offered {
  switch (status) {
    case 'draft':
      return { main: 'review', more: [] };
    case 'review':
      return { main: null, more: ['backToDraft'] };
    case 'published':
      return { main: null, more: ['reviewed'] };
    default:
      return { main: null, more: [] };
  }
}

/** What readers see of a text, in the words of the catalogue. */
export function readersSee(text: Text): 'isLive' | 'liveToo' | 'notLive' | 'wasLive' {
  if (text.status === 'archived') return 'wasLive';
  if (text.live === 0) return 'notLive';
  return text.status === 'published' ? 'isLive' : 'liveToo';
}

/** "2026-11-22T15:04" in this device's zone, as a field for date and time wants it; '' for 0. */
export function toField(micros: number): string {
  if (micros === 0) return '';
  const d = new Date(Math.floor(micros / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The moment that such a field means here; 0 when it is empty or no moment. */
export function fromField(value: string): number {
  const ms = new Date(value).getTime();
  return value === '' || Number.isNaN(ms) ? 0 : ms * 1000;
}

/** "Europe/Berlin, GMT+1": where the clock of this device stands. */
export function zoneName(locale: string, at = new Date()): string {
  const zone = new Intl.DateTimeFormat(locale).resolvedOptions().timeZone;
  const offset = new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' })
    .formatToParts(at)
    .find((p) => p.type === 'timeZoneName')?.value;
  return offset === undefined || offset === zone ? zone : `${zone}, ${offset}`;
}
