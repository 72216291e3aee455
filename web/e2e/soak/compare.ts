import type { Message } from '../../sdk';
import type { Agent } from './agent';
import type { House } from './house';
import type { Visitor } from './visitor';

/** What is wrong, in words; nothing when all is well. */
export type Findings = string[];

/** One conversation in three views: the customer's, the agent's, the database's. */
export async function compare(house: House, visitor: Visitor, agent: Agent): Promise<Findings> {
  const { conversation: id, name } = visitor;
  if (id === '') return [`${name}: the desk never took the first message`];
  const truth = await house.messages(id);
  const found = order(name, truth);
  const say = (what: string) => found.push(`${name} (${id}): ${what}`);

  const publicOnes = truth.filter((m) => m.visibility === 'public');
  const theirs = difference(visitor.messages, publicOnes);
  if (theirs !== '') say(`the customer's screen: ${theirs}`);
  const asked = await visitor.ask<{ messages: Message[] }>(`/conversations/${id}/messages?since=0&limit=500`);
  const served = difference(asked.messages, publicOnes.slice(0, asked.messages.length));
  if (served !== '') say(`what the server tells the customer: ${served}`);
  const { thread } = agent;
  if (thread?.id !== id) say('the agent does not look at it');
  else {
    const ours = difference(thread.messages, truth);
    if (ours !== '') say(`the agent's screen: ${ours}`);
  }

  const bodies = (kind: string) => truth.filter((m) => m.author_kind === kind).map((m) => m.body);
  const wrote = unlike(bodies('contact'), visitor.written);
  if (wrote !== '') say(`what the customer wrote: ${wrote}`);
  const answered = unlike(bodies('agent'), agent.written.get(id) ?? []);
  if (answered !== '') say(`what the agent wrote: ${answered}`);

  const stored = new Map(truth.map((m) => [m.client_id, m.id]));
  for (const ledger of [visitor.ledger, agent.ledger])
    for (const a of ledger.acknowledged.values())
      if (a.conversation === id && stored.get(a.clientId) !== a.id)
        say(`acknowledged and lost: ${a.clientId}`);
  if (visitor.unsent.length > 0) say(`${visitor.unsent.length} not sent`);
  return found;
}

/** The sequence of the database itself: from 1, without holes, each once. */
function order(name: string, messages: readonly Message[]): Findings {
  const found: Findings = [];
  for (const [i, m] of messages.entries())
    if (m.seq !== i + 1) found.push(`${name}: message ${i + 1} has the sequence ${m.seq}`);
  const ids = messages.flatMap((m) => (m.client_id === '' ? [] : [m.client_id]));
  if (new Set(ids).size !== ids.length) found.push(`${name}: a client id twice in the database`);
  return found;
}

function difference(shown: readonly Message[], truth: readonly Message[]): string {
  return unlike(
    shown.map((m) => `${m.seq}:${m.id}`),
    truth.map((m) => `${m.seq}:${m.id}`),
  );
}

/** '' when both lists are the same. */
export function unlike(got: readonly string[], want: readonly string[]): string {
  const at = want.findIndex((w, i) => got[i] !== w);
  if (at < 0 && got.length === want.length) return '';
  const place = at < 0 ? want.length : at;
  return `${got.length} of ${want.length}, at ${place + 1} "${got[place] ?? ''}" instead of "${want[place] ?? ''}"`;
}
