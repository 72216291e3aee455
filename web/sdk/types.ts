/**
 * The shapes of the HTTP and realtime contract. Kept by hand until they are generated from the OpenAPI
 * document; therefore types only, one per schema, named as there, and nothing else imported here.
 */

/** An id: a decimal 64-bit integer as a string (it does not fit a JavaScript number). Unique, not an order. */
export type Id = string;
/** Microseconds since 1970-01-01 UTC; 0 means "never". */
export type Micros = number;
/** The position of a message in its conversation, from 1. */
export type Seq = number;
/** Half-open range of code points (not UTF-16 units) within the text beside it. */
export type Span = [start: number, end: number];

export type Locale = 'en' | 'zh-CN';
export type Theme = 'light' | 'dark' | 'system';

export type ErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'throttled'
  | 'too_large'
  | 'unavailable'
  | 'internal';

export interface ErrorBody {
  code: ErrorCode;
  /** For people, in the request's locale. */
  message: string;
  /** Per input field, for people. */
  fields?: Record<string, string>;
  /** Seconds. */
  retry_after?: number;
  request_id: string;
}

export type ScenarioKey =
  'login_code' | 'transfer_trouble' | 'locked_out' | 'how_to' | 'suspected_theft' | 'feedback' | 'appeal';

export interface Contact {
  id: Id;
  kind: 'visitor' | 'customer';
  name: string;
  email: string;
  uid: string;
  locale: string;
  entity: string;
  region: string;
  created_at: Micros;
  last_seen_at: Micros;
}

export type ConversationStatus = 'open' | 'waiting' | 'resolved';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export type AuthorKind = 'contact' | 'agent' | 'system';
export type Visibility = 'public' | 'note';

export interface MessagePreview {
  seq: Seq;
  author_kind: AuthorKind;
  /** At most 140 code points. */
  preview: string;
  created_at: Micros;
}

export interface Conversation {
  id: Id;
  /** What people say on the phone: "VD-1042". */
  number: string;
  channel: 'chat';
  /** open: the desk must answer; waiting: the customer must answer. */
  status: ConversationStatus;
  scenario: ScenarioKey | '';
  subject: string;
  team_id: Id;
  assignee_id: Id | '';
  priority: Priority;
  entity: string;
  region: string;
  locale: string;
  /** Sequence of the last message. */
  seq: Seq;
  contact_read_seq: Seq;
  agent_read_seq: Seq;
  /** Sequence of the last message by the contact. Unread for the desk: contact_seq > agent_read_seq. */
  contact_seq: Seq;
  last_message?: MessagePreview | null;
  /** Absent in publications to a team and in a visitor's own list. */
  contact?: Contact;
  created_at: Micros;
  updated_at: Micros;
  resolved_at: Micros;
}

/** What the guard removed from a message before it was stored. */
export interface Finding {
  /** A kind of `veridesk guard scan`: bip39, wif, hex_key, password, otp, card … */
  kind: string;
  words?: number;
}

export interface MessageEvent {
  type: 'status' | 'assignee' | 'team';
  from: string;
  to: string;
}

export interface Message {
  id: Id;
  conversation_id: Id;
  seq: Seq;
  /** Sequence of the previous message that a visitor may see; 0 for the first. Absent for staff. */
  prev?: Seq;
  client_id: string;
  author_kind: AuthorKind;
  author_id: Id;
  author_name: string;
  visibility: Visibility;
  /** Plain text; agents may use a subset of Markdown. */
  body: string;
  created_at: Micros;
  findings?: Finding[] | null;
  event?: MessageEvent | null;
}

export interface MessagePage {
  conversation?: Conversation;
  /** Ascending by sequence. */
  messages: Message[];
  more: boolean;
}

/* ---- visitor ---- */

export interface Scenario {
  key: ScenarioKey;
  title: string;
  hint: string;
}

export interface WidgetConfig {
  brand: { name: string; site_url: string; help_url: string; verify_url: string };
  entity: string;
  locale: Locale;
  locales: Locale[];
  channels: { kind: string; open: boolean }[];
  iron_rule: string;
  scenarios: Scenario[];
  privacy_url: string;
  demo: boolean;
}

export interface VisitorSession {
  token: string;
  contact: Contact;
}

export interface NewConversation {
  client_id: string;
  body: string;
  scenario?: ScenarioKey;
  locale: string;
  page_url?: string;
  /** What was tried before: the last article (category/slug) and the last search. */
  article?: string;
  query?: string;
}

/** What became of a search as one types. */
export interface Searched {
  locale: string;
  query: string;
  hits: number;
  /** The article that was opened: category/slug. */
  clicked?: string;
}

export interface NewMessage {
  client_id: string;
  body: string;
}

export interface Accepted {
  conversation: Conversation;
  message: Message;
}

/* ---- articles ---- */

export interface ArticleHit {
  slug: string;
  category: string;
  title: string;
  summary: string;
  excerpt: string;
  /** Matches, as ranges of code points of the excerpt. */
  spans: Span[];
  url: string;
}

export interface Article {
  slug: string;
  category: string;
  title: string;
  /** Sanitised on the server. */
  html: string;
  url: string;
  updated_at: Micros;
  locale: string;
}

/* ---- realtime ---- */

export interface MessagePublication {
  type: 'message';
  conversation_id: Id;
  contact_id: Id;
  message: Message;
  conversation: Conversation;
}
export interface ConversationPublication {
  type: 'conversation';
  conversation: Partial<Conversation> & { id: Id };
}
export interface ReadPublication {
  type: 'read';
  conversation_id: Id;
  by: 'agent' | 'contact';
  seq: Seq;
}
export interface TypingPublication {
  type: 'typing';
  conversation_id: Id;
  by: 'agent' | 'contact';
  name: string;
}
export interface StaffPublication {
  type: 'staff';
  [key: string]: unknown;
}
export type Publication =
  MessagePublication | ConversationPublication | ReadPublication | TypingPublication | StaffPublication;
