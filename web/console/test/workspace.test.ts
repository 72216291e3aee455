// What an agent is shown and told when work is given, taken and moved. The server is a stub behind fetch, so that the
// whole workspace is what an agent has.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Conversation, Me, Message, Publication } from '../../sdk';
import { session } from '../src/lib/session.svelte';
import { toasts } from '../src/lib/toasts.svelte';
import { workspace } from '../src/lib/workspace.svelte';
import { conversation, message } from './make';

const me: Me = {
  agent: {
    id: '11',
    name: 'Mei',
    email: 'mei@meridian.example',
    role: 'agent',
    locale: 'en',
    theme: 'system',
    teams: [{ id: '1', name: 'Support' }],
    totp_enabled: false,
    passkeys: 0,
  },
  permissions: ['conversation.read', 'conversation.reply', 'conversation.assign'],
};

let head: Conversation;
const asked: string[] = [];

function answer(path: string): unknown {
  if (path.includes('/messages')) return { messages: [message(1), message(2)], more: false };
  if (/\/conversations\/\d+$/.test(path)) return { conversation: head, contact_online: false };
  if (path.includes('/conversations/counts')) return {};
  if (path.includes('/conversations')) return { conversations: [head], next: '' };
  if (path.includes('/queue')) return { teams: [], entries: [], presence: [] };
  if (path.includes('/me/presence'))
    return { presence: { agent_id: '11', state: 'available', since: 1, until: 0, online: true, load: 0 } };
  return {};
}

let stop: () => void;
beforeEach(() => {
  head = conversation({ id: '7', number: 'VD-7', updated_at: 10 });
  asked.length = 0;
  vi.stubGlobal('fetch', (input: string) => {
    asked.push(input);
    return Promise.resolve(new Response(JSON.stringify(answer(input)), { status: 200 }));
  });
  session.me = me;
  session.phase = 'in';
  toasts.list = [];
  vi.spyOn(workspace.realtime, 'start').mockImplementation(() => undefined);
  stop = workspace.start();
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const said = () => toasts.list.map((t) => t.text);
const given = (change: Partial<Conversation>, event: Partial<Message> = {}): Publication => {
  const c = conversation({ id: '7', number: 'VD-7', assignee_id: '11', ...change });
  const m = message(3, {
    author_kind: 'system',
    author_id: '',
    event: { type: 'assignee', from: '', to: 'Mei' },
    ...event,
  });
  return { type: 'message', conversation_id: '7', contact_id: '500', message: m, conversation: c };
};

describe('work that is given', () => {
  it('is said once, with a way to it, and opens nothing by itself', () => {
    const at = location.pathname;
    workspace.receive(given({ assigned_at: 100, updated_at: 100 }));
    const again = conversation({ id: '7', assignee_id: '11', assigned_at: 100, updated_at: 101 });
    workspace.receive({ type: 'conversation', conversation: again });
    expect(said()).toEqual(['Given to you: Olivia']);
    expect(toasts.list[0]?.action?.label).toBe('Open');
    expect(location.pathname).toBe(at);
    expect(workspace.thread).toBeNull();
  });

  it('what one has taken oneself, or somebody else was given, is no news', () => {
    workspace.expectMine('7');
    workspace.receive(given({ assigned_at: 200, updated_at: 200 }));
    workspace.receive(given({ assigned_at: 300, updated_at: 300 }, { author_id: '11' }));
    workspace.receive(given({ assignee_id: '12', assigned_at: 400, updated_at: 400 }));
    expect(said()).toEqual([]);
  });

  it('several within seconds are said in one sentence', () => {
    workspace.receive(given({ assigned_at: 500, updated_at: 500 }));
    workspace.receive(given({ assigned_at: 600, updated_at: 600 }));
    expect(toasts.list).toHaveLength(1);
    expect(said()[0]).toMatch(/conversations given to you/);
  });

  it('a change of what one has had for long is no assignment', () => {
    const old = conversation({ id: '8', assignee_id: '11', assigned_at: 1e6, updated_at: 900e6 });
    workspace.receive({ type: 'conversation', conversation: old });
    expect(said()).toEqual([]);
  });
});

describe('a conversation that goes to a team one is not in', () => {
  it('leaves the list, and the open thread says so instead of taking an answer', async () => {
    await workspace.desk.show({ view: 'all', team: '', me: '11', sees: (t) => session.sees(t) });
    workspace.open('7');
    await vi.waitFor(() => {
      expect(workspace.thread?.phase).toBe('ready');
    });
    workspace.receive({
      type: 'conversation',
      conversation: conversation({ id: '7', team_id: '2', updated_at: 50 }),
    });
    expect(workspace.desk.items).toEqual([]);
    expect(workspace.thread?.gone).toBe('team');
    workspace.drafts.write('7', 'reply', 'my words');
    expect(workspace.send('7', 'reply')).toBe(false);
    expect(workspace.drafts.read('7', 'reply')).toBe('my words');
    workspace.drafts.write('7', 'reply', '');
    workspace.receive({
      type: 'conversation',
      conversation: conversation({ id: '7', team_id: '1', updated_at: 60 }),
    });
    expect(workspace.thread?.gone).toBe('');
  });
});

describe('a message with files', () => {
  it('needs no words, waits for its files, and carries their ids', async () => {
    workspace.open('7');
    await vi.waitFor(() => {
      expect(workspace.thread?.phase).toBe('ready');
    });
    expect(workspace.send('7', 'reply')).toBe(false);
    workspace
      .files('7', 'reply')
      .restore([{ key: 'k', name: 'a.png', size: 3, mime: 'image/png', modified: 0, id: '900' }]);
    expect(workspace.send('7', 'reply')).toBe(true);
    expect(workspace.outbox?.items[0]?.files?.map((f) => f.id)).toEqual(['900']);
    expect(workspace.files('7', 'reply').items).toEqual([]);
  });
});
