/** The staff half of the contract; see types.ts for the rules of this file. */
import type {
  Conversation,
  Id,
  Message,
  Micros,
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
}
export interface SearchHit {
  conversation: Conversation;
  message: Message;
  excerpt: string;
  spans: Span[];
}
