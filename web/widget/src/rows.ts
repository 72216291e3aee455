import type {
  Finding,
  Attachment,
  Conversation,
  Message,
  Micros,
  Outgoing,
  ReadingLocale,
  Seq,
} from '../../sdk';
import { dayOf, sameDay, type Catalogue } from './i18n';

export type Row =
  | { kind: 'day'; key: string; label: string }
  | { kind: 'unread'; key: string }
  | { kind: 'event'; key: string; text: string }
  | { kind: 'guard'; key: string; findings: readonly Finding[] }
  | {
      kind: 'bubble';
      key: string;
      mine: boolean;
      /** Author's name for the first of several in a row by the same agent; otherwise ''. */
      name: string;
      body: string;
      files: readonly Attachment[];
      /** 0 while it is not sent. */
      seq: Seq;
      at: Micros;
      /** The last of a group. */
      last: boolean;
      /** Carries the time: the last of a group, unless its author says more within the same minute. */
      timed: boolean;
      /** Under the newest of our own that has this state; otherwise ''. */
      receipt: '' | 'sent' | 'read';
      outgoing?: Outgoing;
    };

type Bubble = Extract<Row, { kind: 'bubble' }>;

/** Minutes between messages that still count as one breath. */
const breath = 5 * 60_000_000;

export interface RowsInput {
  messages: readonly Message[];
  pending: readonly Outgoing[];
  conversation: Conversation | undefined;
  /** Last sequence read before the thread was opened; Infinity when that does not matter. */
  readBefore: Seq;
  locale: ReadingLocale;
  t: Catalogue;
  /** Milliseconds. */
  now: number;
}

/** What a thread looks like, top to bottom. */
export function rowsOf({ messages, pending, conversation, readBefore, locale, t, now }: RowsInput): Row[] {
  const rows: Row[] = [];
  const known = new Set(messages.map((m) => m.client_id));
  let before: Micros | undefined;
  let divided = false;
  const day = (at: Micros) => {
    if (before === undefined || !sameDay(before, at)) {
      rows.push({ kind: 'day', key: `day-${at}`, label: dayOf(at, locale, t, now) });
    }
    before = at;
  };

  for (const m of messages) {
    const mine = m.author_kind === 'contact';
    const text = m.author_kind === 'system' ? eventText(m, t) : '';
    if (m.author_kind === 'system' && !text) continue;
    day(m.created_at);
    if (!divided && !mine && m.seq > readBefore) {
      divided = true;
      rows.push({ kind: 'unread', key: 'unread' });
    }
    if (text) {
      rows.push({ kind: 'event', key: m.id, text });
      continue;
    }
    rows.push({
      ...bubble(m.client_id || m.id, mine, m.author_name || t.agent, m.body, m.created_at),
      files: m.attachments ?? [],
      seq: m.seq,
    });
    if (mine && m.findings?.length) {
      rows.push({ kind: 'guard', key: `guard-${m.id}`, findings: m.findings });
    }
  }
  for (const item of pending) {
    if (known.has(item.clientId)) continue;
    const at = item.createdAt * 1000;
    day(Math.max(at, before ?? 0));
    rows.push({ ...bubble(item.clientId, true, '', item.body, at), outgoing: item });
  }
  group(rows);
  receipts(rows, messages, conversation);
  return rows;
}

function bubble(key: string, mine: boolean, name: string, body: string, at: Micros): Bubble {
  return {
    kind: 'bubble',
    key,
    mine,
    name: mine ? '' : name,
    body,
    files: [],
    seq: 0,
    at,
    last: true,
    timed: true,
    receipt: '',
  };
}

/** Only the first of a group shows the name; the time stands once for each minute of an author. */
function group(rows: Row[]): void {
  const told = new Map<string, number>();
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i];
    const next = rows[i + 1];
    if (row?.kind !== 'bubble') continue;
    row.last =
      next?.kind !== 'bubble' ||
      row.mine !== next.mine ||
      next.at - row.at >= breath ||
      !row.outgoing !== !next.outgoing;
    const minute = Math.floor(row.at / 60_000_000);
    row.timed = row.last && told.get(row.name) !== minute;
    if (row.timed) told.set(row.name, minute);
  }
  let author = '';
  for (const row of rows) {
    if (row.kind !== 'bubble') {
      author = '';
      continue;
    }
    const same = row.name === author;
    author = row.name;
    if (same) row.name = '';
  }
}

function receipts(rows: Row[], messages: readonly Message[], conversation: Conversation | undefined): void {
  const own = messages.filter((m) => m.author_kind === 'contact').pop();
  const newest = rows.filter((r): r is Bubble => r.kind === 'bubble' && r.mine && !r.outgoing).pop();
  if (!own || !newest) return;
  newest.last = newest.timed = true;
  newest.receipt = (conversation?.agent_read_seq ?? 0) >= own.seq ? 'read' : 'sent';
}

/** '' when it concerns only the desk. */
function eventText(m: Message, t: Catalogue): string {
  const { event } = m;
  if (!event) return m.body;
  const { type, from, to } = event;
  if (type === 'status')
    return to === 'resolved' ? t.eventResolved : from === 'resolved' ? t.eventReopened : '';
  if (type === 'assignee') return to ? t.eventJoined(to) : '';
  if (type === 'handover') return t.eventHandover;
  if (type === 'returned') return t.eventReturned;
  if (type === 'ended') return t.eventEnded;
  return type === 'signed_in' ? t.eventSignedIn : '';
}
