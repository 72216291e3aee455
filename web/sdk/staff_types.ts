/** The staff half of the contract; see types.ts for the rules of this file. */
import type {
  Conversation,
  Id,
  Message,
  Micros,
  Presence,
  Priority,
  ConversationStatus,
  ScenarioKey,
  Span,
} from './types';

export interface Agent {
  id: Id;
  name: string;
  email: string;
  role: string;
  locale: string;
  theme: string;
  teams: { id: Id; name: string }[];
  totp_enabled: boolean;
  passkeys: number;
}
export interface Me {
  agent: Agent;
  permissions: string[];
  entity?: string;
}
export interface SignInAnswer {
  status: 'ok' | 'totp_required';
}
export interface Invitation {
  email: string;
  role: string;
  invited_by: string;
  expires_at: Micros;
}
export interface AgentSession {
  id: Id;
  current: boolean;
  created_at: Micros;
  last_seen_at: Micros;
  ip: string;
  user_agent: string;
}
export interface TotpSetup {
  secret: string;
  otpauth_url: string;
  /** A data: URL. */
  qr_png: string;
}
export interface Passkey {
  id: Id;
  name: string;
  created_at: Micros;
  last_used_at: Micros;
}
export interface StaffMember {
  id: Id;
  name: string;
  email: string;
  role: string;
  status: 'active' | 'disabled';
  teams: Id[];
  last_seen_at: Micros;
  totp_enabled: boolean;
  online: boolean;
  /** Units of work at a time; a channel weighs some. */
  capacity: number;
  /** Languages; none: all. */
  locales: string[] | null;
  /** Scenarios that come by themselves; none: all. */
  skills: ScenarioKey[] | null;
}
export interface StaffInvitation {
  id: Id;
  email: string;
  role: string;
  teams: Id[];
  locale: string;
  invited_by?: string;
  created_at?: Micros;
  expires_at: Micros;
}
export interface Team {
  id: Id;
  name: string;
  entity: string;
  region: string;
  members: number;
  hours: Hours;
  queue: TeamQueue;
}
/** When a team is there. */
export interface Hours {
  /** IANA name, such as Asia/Shanghai; '' is UTC. */
  zone: string;
  /** The open hours of each day, Monday first; null is always open, an empty day is closed. */
  week: DaySpan[][] | null;
  holidays: Holiday[] | null;
}
/** A part of a day, HH:MM; `to` at most 24:00. */
export interface DaySpan {
  from: string;
  to: string;
}
/** A date with hours of its own. */
export interface Holiday {
  /** 2026-10-01, or --10-01 for every year. */
  date: string;
  /** By locale, as customers read it. */
  name: Record<string, string>;
  /** Empty: closed. */
  open: DaySpan[] | null;
}
export interface TeamQueue {
  /** Seconds until work that nobody answers goes to another; 0: 120, -1: never. */
  answer_within: number;
  /** More are asked to leave a message; 0: no limit. */
  max_waiting: number;
}
export interface AuditEntry {
  id: Id;
  at: Micros;
  actor_id: Id;
  actor_name: string;
  action: string;
  object_kind: string;
  object_id: Id;
  detail: Record<string, unknown>;
  ip: string;
}
export type JobState = 'dead' | 'pending' | 'running';
export interface Job {
  id: Id;
  kind: string;
  state: JobState;
  attempts: number;
  max_attempts: number;
  last_error: string;
  run_at: Micros;
  created_at: Micros;
}

export type View = 'mine' | 'unassigned' | 'open' | 'waiting' | 'resolved' | 'all';
export interface ConversationList {
  conversations: Conversation[];
  /** Cursor of the next page; "" at the end. */
  next: string;
}
export type Counts = Record<View | 'unread', number>;
export interface ConversationPatch {
  status?: ConversationStatus;
  /** "" = nobody. */
  assignee_id?: Id | '';
  team_id?: Id;
  priority?: Priority;
  scenario?: ScenarioKey | '';
}
export interface NewReply {
  client_id: string;
  body: string;
  visibility: 'public' | 'note';
  /** Refused with `stale` when the customer wrote after this sequence. */
  expect_seq?: number;
  /** Own uploads that are ready. The body may be '' then. */
  attachments?: Id[];
}
export interface SearchHit {
  conversation: Conversation;
  message: Message;
  excerpt: string;
  spans: Span[];
}

/* ---- queue ---- */

export type PresenceState = Presence['state'];

export interface QueueTeam {
  id: Id;
  name: string;
  open: boolean;
  /** When it opens next; 0: it is open, or not known. */
  opens_at: Micros;
  waiting: number;
  /** Since when the first in line waits; 0: nobody does. */
  longest_since: Micros;
  /** Seconds that one who begins now may expect; both 0 when nothing honest can be said. */
  wait_low: number;
  wait_high: number;
  agents: { available: number; busy: number; away: number; offline: number };
}
export interface QueueEntry {
  conversation_id: Id;
  number: string;
  contact_name: string;
  team_id: Id;
  scenario: ScenarioKey | '';
  priority: Priority;
  locale: string;
  /** In front of the chat; otherwise an answer later will do. */
  live: boolean;
  /** 1 is next in its team. */
  position: number;
  entered_at: Micros;
  preview: string;
}
export interface Queue {
  teams: QueueTeam[];
  entries: QueueEntry[];
  presence: Presence[];
}
export interface QueueSettings {
  /** Units of work of one conversation, by channel. */
  channel_weights: Record<string, number>;
  /** Seconds that a priority is moved ahead (negative: back). */
  boost: Record<Priority, number>;
  /** Seconds that a customer who comes back is kept for the same agent. */
  sticky_seconds: number;
  /** Seconds without a live connection after which an agent counts as offline. */
  offline_after: number;
  revision: number;
}
/** What one conversation is besides its messages. */
export interface ConversationHead {
  conversation: Conversation;
  contact_online: boolean;
  /** Claims that the contact had ready, by key of PreparedField. */
  prepared?: Record<string, string> | null;
  /** Where answers go while the contact is away; a claim, '' for nowhere. */
  reply_email?: string;
  rating?: { score: number; comment: string; created_at: Micros } | null;
}
