import { Http, type HttpOptions } from './http';
import type {
  Accepted,
  Article,
  ArticleHit,
  Conversation,
  Id,
  MessagePage,
  NewConversation,
  NewMessage,
  QueuePlace,
  ReadingLocale,
  Searched,
  Seq,
  VisitorSession,
  WidgetConfig,
} from './types';

export type Window = { since: Seq; limit?: number } | { before?: Seq; limit?: number };

export interface SessionRequest {
  locale: ReadingLocale;
  /** A visitor's legal entity; a customer's is the exchange's to say. */
  entity?: string;
  /** The exchange's word about who this is. */
  jwt?: string;
}

/** What the widget, the in-app centre and the site ask the server. Every method throws RequestError. */
export class VisitorApi {
  /** For what is loaded later: see visitor_more.ts and uploads.ts. */
  readonly http: Http;
  constructor(options: HttpOptions) {
    this.http = new Http(options);
  }

  config(locale: ReadingLocale, entity = ''): Promise<WidgetConfig> {
    return this.http.request('/api/v1/widget/config', { query: { locale, entity } });
  }
  /**
   * A new visitor, or the same one again with a renewed token when one is known; with a `jwt` the
   * customer whom it names, who takes over what the visitor of the token wrote.
   */
  session(who: SessionRequest): Promise<VisitorSession> {
    return this.post('/api/v1/visitor/session', who);
  }
  /** Newest first. */
  async conversations(): Promise<Conversation[]> {
    const a = await this.http.request<{ conversations: Conversation[] }>('/api/v1/visitor/conversations');
    return a.conversations;
  }
  /** Opens a conversation; repeated with the same client id, answers the same again. */
  start(c: NewConversation): Promise<Accepted> {
    return this.post('/api/v1/visitor/conversations', c);
  }
  /** Ascending: everything after `since`, or the messages before `before` (default: the latest). */
  messages(conversation: Id, w: Window = {}): Promise<MessagePage> {
    return this.http.request(`${path(conversation)}/messages`, { query: { ...w } });
  }
  send(conversation: Id, message: NewMessage): Promise<Accepted> {
    return this.post(`${path(conversation)}/messages`, message);
  }
  read(conversation: Id, seq: Seq): Promise<void> {
    return this.post(`${path(conversation)}/read`, { seq });
  }
  /** At most every three seconds, please. */
  typing(conversation: Id): Promise<void> {
    return this.post(`${path(conversation)}/typing`, {});
  }
  queue(conversation: Id): Promise<QueuePlace> {
    return this.http.request(`${path(conversation)}/queue`);
  }
  /** Articles matching `q`; the popular ones when it is ''. */
  async articles(locale: ReadingLocale, q = '', limit = 6, signal?: AbortSignal): Promise<ArticleHit[]> {
    const a = await this.http.request<{ articles: ArticleHit[] }>('/api/v1/articles', {
      query: { locale, q, limit },
      ...(signal && { signal }),
    });
    return a.articles;
  }
  article(locale: ReadingLocale, category: string, slug: string): Promise<Article> {
    return this.http.request(articlePath(category, slug), { query: { locale } });
  }
  /** "Was this helpful?" */
  vote(locale: ReadingLocale, category: string, slug: string, helpful: boolean): Promise<void> {
    return this.post(`${articlePath(category, slug)}/vote`, { locale, helpful });
  }
  searched(search: Searched): Promise<void> {
    return this.post('/api/v1/articles/searched', search);
  }

  private post<T>(at: string, body: unknown): Promise<T> {
    return this.http.request(at, { method: 'POST', body });
  }
}

function articlePath(category: string, slug: string): string {
  return `/api/v1/articles/${[category, slug].map(encodeURIComponent).join('/')}`;
}

/** Of one conversation. */
export function path(conversation: Id): string {
  return `/api/v1/visitor/conversations/${encodeURIComponent(conversation)}`;
}
