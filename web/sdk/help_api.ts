import { Http, type HttpOptions, type RequestOptions } from './http';
import type * as t from './help_types';
import type { Id } from './types';

type Query = Readonly<Record<string, string | number | undefined>>;
const root = '/api/v1';

/** What editors ask the server, by session cookie. Every method throws RequestError; a stale save carries `current`. */
export class HelpApi {
  private readonly http: Http;
  constructor(options: HttpOptions = {}) {
    this.http = new Http(options);
  }
  private get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.http.request(root + path, { query, ...(signal && { signal }) });
  }
  private send<T>(
    method: NonNullable<RequestOptions['method']>,
    path: string,
    body: unknown = {},
    extra: RequestOptions = {},
  ): Promise<T> {
    return this.http.request(root + path, { method, body, ...extra });
  }
  private remove(path: string, revision?: number): Promise<void> {
    return this.http.request(root + path, { method: 'DELETE', query: { revision } });
  }

  /* Articles */
  articles = (q: t.ArticleQuery, signal?: AbortSignal) =>
    this.get<t.ArticlePage>('/help/articles', { ...q }, signal);
  article = (id: Id) => this.get<{ article: t.EditedArticle }>(`/help/articles/${esc(id)}`);
  createArticle = (a: t.NewArticle) => this.send<{ article: t.EditedArticle }>('POST', '/help/articles', a);
  updateArticle = (id: Id, p: t.ArticlePatch) =>
    this.send<{ article: t.EditedArticle }>('PATCH', `/help/articles/${esc(id)}`, p);
  removeArticle = (id: Id, revision: number) => this.remove(`/help/articles/${esc(id)}`, revision);

  /* Texts */
  saveText = (id: Id, locale: string, text: t.TextSave) =>
    this.send<{ text: t.ArticleText }>('PUT', textPath(id, locale), text);
  removeText = (id: Id, locale: string, revision: number) => this.remove(textPath(id, locale), revision);
  stage = (id: Id, locale: string, change: t.StageChange) =>
    this.send<{ text: t.ArticleText }>('POST', `${textPath(id, locale)}/stage`, change);
  reviewed = (id: Id, locale: string, revision: number) =>
    this.send<{ text: t.ArticleText }>('POST', `${textPath(id, locale)}/reviewed`, { revision });
  versions = (id: Id, locale: string) =>
    this.get<{ versions: t.VersionInfo[] | null }>(`${textPath(id, locale)}/versions`);
  version = (id: Id, locale: string, number: number) =>
    this.get<{ version: t.Version }>(`${textPath(id, locale)}/versions/${number}`);
  restore = (id: Id, locale: string, number: number, revision: number) =>
    this.send<{ text: t.ArticleText }>('POST', `${textPath(id, locale)}/versions/${number}/restore`, {
      revision,
    });
  derived = (id: Id) => this.get<t.Written>(`/help/articles/${esc(id)}/derived/zh-TW`);
  preview = (
    of: { locale: string; category: string; entity: string; region: string; body: string },
    signal?: AbortSignal,
  ) => this.send<t.Preview>('POST', '/help/preview', of, signal && { signal });
  /** At most 10 MB; the server re-encodes it and removes what it tells about its author. */
  uploadImage = (image: Blob) =>
    this.send<t.UploadedImage>('POST', '/help/images', image, { timeout: 120_000 });

  /* Categories */
  categories = () => this.get<{ categories: t.HelpCategory[] | null }>('/help/categories');
  createCategory = (c: Partial<t.CategoryFields>) =>
    this.send<{ category: t.HelpCategory }>('POST', '/help/categories', c);
  updateCategory = (id: Id, c: Partial<t.CategoryFields> & { revision: number }) =>
    this.send<{ category: t.HelpCategory }>('PATCH', `/help/categories/${esc(id)}`, c);
  removeCategory = (id: Id, revision: number) => this.remove(`/help/categories/${esc(id)}`, revision);

  /* Insight */
  insight = (q: { from: string; to: string; locale?: string }, signal?: AbortSignal) =>
    this.get<t.Insight>('/help/insight', q, signal);
  feedback = (q: { article?: Id; locale?: string; helpful?: string; before?: string; limit?: number }) =>
    this.get<{ feedback: t.ArticleFeedback[] | null; next: string }>('/help/feedback', q);
  synonyms = () => this.get<t.Synonyms>('/help/synonyms');
  saveSynonyms = (s: { revision: number; groups: string[][] }) =>
    this.send<t.Synonyms>('PUT', '/help/synonyms', s);

  /* Announcements and the registry */
  announcements = () => this.get<{ announcements: t.Announcement[] | null }>('/announcements');
  createAnnouncement = (a: t.AnnouncementFields) => this.send<unknown>('POST', '/announcements', a);
  updateAnnouncement = (id: Id, a: Partial<t.AnnouncementFields> & { revision: number }) =>
    this.send<unknown>('PATCH', `/announcements/${esc(id)}`, a);
  removeAnnouncement = (id: Id, revision: number) => this.remove(`/announcements/${esc(id)}`, revision);
  contacts = () => this.get<{ contacts: t.OfficialContact[] | null }>('/official/contacts');
  createContact = (c: t.ContactFields) => this.send<unknown>('POST', '/official/contacts', c);
  updateContact = (id: Id, c: Partial<t.ContactFields> & { revision: number }) =>
    this.send<unknown>('PATCH', `/official/contacts/${esc(id)}`, c);
  removeContact = (id: Id, revision: number) => this.remove(`/official/contacts/${esc(id)}`, revision);
}

function textPath(id: Id, locale: string): string {
  return `/help/articles/${esc(id)}/texts/${esc(locale)}`;
}
function esc(segment: string): string {
  return encodeURIComponent(segment);
}
