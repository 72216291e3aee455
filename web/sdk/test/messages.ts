/** Messages, conversations and answers for tests. */
import type { Accepted, Conversation, Message, MessagePage } from '../types';

export const conversation = (id = '7', seq = 0): Conversation => ({
  id,
  number: `VD-${id}`,
  channel: 'chat',
  status: 'open',
  scenario: '',
  subject: '',
  team_id: '1',
  assignee_id: '',
  priority: 'normal',
  entity: 'main',
  region: '',
  locale: 'en',
  seq,
  contact_read_seq: 0,
  agent_read_seq: 0,
  contact_seq: 0,
  created_at: 1,
  updated_at: 1,
  resolved_at: 0,
  waiting_since: 0,
  assigned_at: 0,
  previous_agent_id: '',
  mode: 'live',
  ended_by: '',
  rating: 0,
});

export const message = (seq: number, over: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  conversation_id: '7',
  seq,
  prev: seq - 1,
  client_id: '',
  author_kind: 'agent',
  author_id: '1',
  author_name: 'Lin',
  visibility: 'public',
  body: `#${seq}`,
  created_at: seq,
  ...over,
});

export const page = (messages: Message[], seq: number, more = false): MessagePage => ({
  conversation: conversation('7', seq),
  messages,
  more,
});

export const accepted = (clientId: string, seq: number, id = '7'): Accepted => ({
  conversation: conversation(id, seq),
  message: message(seq, { client_id: clientId, author_kind: 'contact', conversation_id: id }),
});
