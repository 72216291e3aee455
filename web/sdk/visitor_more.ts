import type { Http } from './http';
import type { Conversation, Id, ReadingLocale, Request } from './types';
import { path } from './visitor_api';

/** A browser's address for web push, as PushSubscription.toJSON() has it. */
export interface PushAddress {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/**
 * What a visitor asks for less often, apart from VisitorApi so that it is downloaded only then. Takes
 * the http of a VisitorApi. Every method throws RequestError.
 */
export const visitorMore = (http: Http) => {
  const post = <T>(at: string, body: unknown): Promise<T> => http.request(at, { method: 'POST', body });
  return {
    /** No longer in front of the chat; the answer may come by mail. */
    leave: (id: Id, replyEmail = ''): Promise<void> =>
      post(`${path(id)}/leave`, replyEmail ? { reply_email: replyEmail } : {}),
    end: (id: Id): Promise<Conversation> => post(`${path(id)}/end`, {}),
    /** 1 to 5; said again, it replaces. */
    rate: (id: Id, score: number, comment = ''): Promise<void> =>
      post(`${path(id)}/rating`, { score, ...(comment && { comment }) }),
    transcript: (id: Id, email: string): Promise<void> => post(`${path(id)}/transcript`, { email }),
    /** Matters open and past, newest first; `cursor` is the `next` of the page before. */
    requests: (cursor = ''): Promise<{ requests: Request[]; next?: string }> =>
      http.request('/api/v1/visitor/requests', { query: { cursor } }),
    unread: (): Promise<{ messages: number; conversations: number }> =>
      http.request('/api/v1/visitor/unread'),
    /** Ends the token, on every node. */
    logout: (): Promise<void> => post('/api/v1/visitor/logout', {}),
    subscribe: (to: PushAddress, locale: ReadingLocale): Promise<void> =>
      post('/api/v1/visitor/push', { ...to, locale }),
    unsubscribe: (endpoint: string): Promise<void> =>
      http.request('/api/v1/visitor/push', { method: 'DELETE', body: { endpoint } }),
  };
};
export type VisitorMore = ReturnType<typeof visitorMore>;
