import type { Conversation, Message } from '../../sdk';

/** A plain open conversation with what a test cares about changed. */
export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: '1',
    number: 'VD-1',
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
    seq: 2,
    contact_read_seq: 0,
    agent_read_seq: 0,
    contact_seq: 2,
    last_message: null,
    contact: {
      id: '500',
      kind: 'visitor',
      name: 'Olivia',
      email: '',
      uid: '',
      locale: 'en',
      entity: 'main',
      region: '',
      created_at: 1,
      last_seen_at: 1,
    },
    created_at: 1,
    updated_at: 1,
    resolved_at: 0,
    ...change,
  };
}

export function message(seq: number, change: Partial<Message> = {}): Message {
  return {
    id: `m${seq}`,
    conversation_id: '1',
    seq,
    client_id: `client-${seq}`,
    author_kind: 'contact',
    author_id: '500',
    author_name: '',
    visibility: 'public',
    body: `message ${seq}`,
    created_at: seq * 1e6,
    ...change,
  };
}

/** Lets promises that are already settled run their continuations. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
