import { Http, StaffApi, type Conversation, type ConversationList, type Id } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';

let signedOut: () => void = () => undefined;

/** Called when any request but a sign-in is refused for want of a session. */
export function onSignedOut(tell: () => void): void {
  signedOut = tell;
}

const watched: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const path = typeof input === 'string' ? input : '';
  if (answer.status === 401 && !path.includes('/auth/')) signedOut();
  return answer;
};

/** How every request of the console is made. */
export const options = { fetch: watched, locale: () => i18n.locale };

export const api = new StaffApi(options);

const http = new Http(options);

/** Other conversations of one contact, newest first; belongs into the sdk once the contract names the parameter. */
export async function conversationsOf(contact: Id, signal: AbortSignal): Promise<Conversation[]> {
  const { conversations } = await http.request<ConversationList>('/api/v1/conversations', {
    query: { view: 'all', contact, limit: 20 },
    signal,
  });
  return conversations.filter((c) => c.contact?.id === contact);
}
