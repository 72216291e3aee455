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
/** What the Help Center and the widget speak besides. */
export type ReadingLocale = Locale | 'zh-TW';
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
  /** As the exchange says; customers only. */
  tier: string;
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
  /** Since when the contact waits for an answer. */
  waiting_since: Micros;
  assigned_at: Micros;
  previous_agent_id: Id;
  mode: 'live' | 'message';
  ended_by: AuthorKind | '';
  /** 1 to 5; 0: none. */
  rating: number;
}

/** What the guard removed from a message before it was stored. */
export interface Finding {
  /** A kind of `veridesk guard scan`: bip39, wif, hex_key, password, otp, card … */
  kind: string;
  words?: number;
}

export interface MessageEvent {
  type:
    | 'status'
    | 'assignee'
    | 'team'
    | 'priority'
    | 'scenario'
    | 'returned'
    | 'handover'
    | 'ended'
    | 'rating'
    | 'signed_in';
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
  attachments?: Attachment[];
}

/** A file of a message. The addresses stop working after some days: take them from a fresh answer. */
export interface Attachment {
  id: Id;
  name: string;
  mime: string;
  /** Bytes. */
  size: number;
  /** Pixels, of pictures that can be shown. */
  width?: number;
  height?: number;
  /** Opening it may run something: warn first. */
  active?: boolean;
  url?: string;
  preview_url?: string;
}

/** A file on its way; see docs/uploads.md. */
export interface Upload {
  id: Id;
  name: string;
  size: number;
  /** Bytes that the server has. */
  offset: number;
  /** Most bytes that one PATCH may carry. */
  chunk: number;
  state: 'uploading' | 'ready' | 'refused';
  /** Why it was refused, for people. */
  problem?: string;
  attachment?: Attachment;
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
  fields: PreparedField[];
}

/** Something worth having ready; never required. */
export interface PreparedField {
  key: string;
  label: string;
  /** Where to find it. */
  where: string;
  long?: boolean;
}

/** Where a waiting conversation stands. */
export interface QueuePlace {
  /** closed: nobody is there now, the message is answered later. */
  state: 'none' | 'waiting' | 'assigned' | 'closed';
  /** 1 is next; 0: not waiting. */
  position: number;
  /** Who has it, once assigned. */
  agent?: string;
  /** Seconds; both 0 when nothing honest can be said. */
  wait_low: number;
  wait_high: number;
  /** When somebody is there again. */
  opens_at: Micros;
}

/** A matter on "My requests". */
export interface Request {
  conversation: Conversation;
  stage: 'received' | 'in_queue' | 'with_agent' | 'answered' | 'resolved';
  awaiting: 'us' | 'you' | 'nobody';
  /** When an answer may be expected; both 0 when nothing honest can be said. */
  expected_low: Micros;
  expected_high: Micros;
  unread: number;
}

export interface WidgetConfig {
  brand: { name: string; site_url: string; help_url: string; verify_url: string };
  entity: string;
  locale: Locale;
  locales: Locale[];
  channels: ChannelState[];
  iron_rule: string;
  scenarios: Scenario[];
  /** What to have ready when no scenario was picked. */
  fields: PreparedField[];
  privacy_url: string;
  /** Days that a resolved conversation is kept; 0: until it is deleted by hand. */
  retention_days: number;
  /** Largest file, in bytes; 0: no files. */
  max_file_bytes: number;
  /** The exchange can sign its customers in here. */
  login: boolean;
  /** VAPID public key (base64url); '' when web push is off. */
  push_key: string;
  demo: boolean;
}

export interface ChannelState {
  kind: 'chat';
  open: boolean;
  /** How many wait now, and how long one who begins now may expect to wait, in seconds; 0: not known. */
  waiting: number;
  wait_low: number;
  wait_high: number;
  /** When it opens next; 0: it is open, or not known. */
  opens_at: Micros;
  /** Why it is closed: outside the hours, a holiday (with its name), nobody there, too many waiting. */
  reason: '' | 'hours' | 'holiday' | 'nobody' | 'full';
  holiday?: string;
}

export interface VisitorSession {
  token: string;
  contact: Contact;
  /** When the token ends; a customer's must be renewed by signing in again. */
  expires_at: Micros;
  /** Conversations of the visitor that are the customer's now. */
  merged: number;
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
  /** Values of PreparedField by key. */
  prepared?: Record<string, string>;
  /** Uploads that are ready. The body may be '' then. */
  attachments?: Id[];
  /** message: left while nobody is there. */
  mode?: 'live' | 'message';
  reply_email?: string;
  entity?: string;
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
  attachments?: Id[];
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
export interface QueuePublication {
  type: 'queue';
  conversation_id: Id;
  queue: QueuePlace;
}
export interface PresencePublication {
  type: 'presence';
  presence: Presence;
}
export type Publication =
  | MessagePublication
  | ConversationPublication
  | ReadPublication
  | TypingPublication
  | StaffPublication
  | QueuePublication
  | PresencePublication;

/** Whether an agent can take work. */
export interface Presence {
  agent_id: Id;
  state: 'available' | 'wrap_up' | 'break' | 'away';
  since: Micros;
  until: Micros;
  online: boolean;
  /** Units of work in hand. */
  load: number;
}
