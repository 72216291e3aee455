import type { Conversation, Message, StaffMember } from '../../sdk';
import type { Box } from '../src/lib/drafts';
import type { KeyPress } from '../src/lib/shortcuts';

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
      tier: '',
    },
    created_at: 1,
    updated_at: 1,
    resolved_at: 0,
    waiting_since: 0,
    assigned_at: 0,
    previous_agent_id: '',
    mode: 'live',
    ended_by: '',
    rating: 0,
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

/** An active agent of team 1. */
export function member(id: string, name: string, change: Partial<StaffMember> = {}): StaffMember {
  return {
    id,
    name,
    email: `${id}@meridian.example`,
    role: 'agent',
    status: 'active',
    teams: ['1'],
    last_seen_at: 0,
    totp_enabled: true,
    online: true,
    capacity: 6,
    locales: [],
    skills: [],
    ...change,
  };
}

/** Lets promises that are already settled run their continuations. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Storage in a map; `full` refuses every write, as a full or forbidden one does. */
export function box(options: { full?: boolean } = {}): Box & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (k) => held.get(k) ?? null,
    setItem: (k, v) => {
      if (options.full === true) throw new Error('full');
      held.set(k, v);
    },
    removeItem: (k) => {
      held.delete(k);
    },
  };
}

/** A key pressed alone, outside any input. */
export function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    typing: false,
    onControl: false,
    ...more,
  };
}
