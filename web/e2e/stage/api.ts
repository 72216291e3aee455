// What a test arranges without a screen: as somebody of the staff, by the same interface that the console uses.
import type { EditedArticle, HelpCategory, ReadingLocale, Stage, Written } from '../../sdk';
import { demoPassword } from './agent';

interface House {
  url: string;
}
const known = new Map<string, Promise<Api>>();

export class Api {
  private constructor(
    private readonly url: string,
    /** What a browser needs to be this person. */
    readonly cookie: string,
  ) {}

  /** Signs in once for each person and installation. */
  static as(house: House, email: string): Promise<Api> {
    const key = `${house.url} ${email}`;
    const there = known.get(key) ?? Api.signIn(house, email);
    known.set(key, there);
    return there;
  }

  /** Who was signed in before, if they were. */
  static of(house: House, email: string): Promise<Api> | undefined {
    return known.get(`${house.url} ${email}`);
  }

  private static async signIn({ url }: House, email: string): Promise<Api> {
    const answer = await fetch(`${url}/api/v1/auth/sign-in`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: demoPassword }),
    });
    if (!answer.ok) throw new Error(`${email} could not sign in: ${answer.status} ${await answer.text()}`);
    return new Api(
      url,
      answer.headers
        .getSetCookie()
        .map((c) => c.split(';')[0])
        .join('; '),
    );
  }

  /** The answer whatever its status; `body` is null where there is none. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', Cookie: this.cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as T };
  }
  private async must<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  get = <T>(path: string): Promise<T> => this.must<T>('GET', path);
  post = <T>(path: string, body: unknown): Promise<T> => this.must<T>('POST', path, body);
  patch = <T>(path: string, body: unknown): Promise<T> => this.must<T>('PATCH', path, body);
  put = <T>(path: string, body: unknown): Promise<T> => this.must<T>('PUT', path, body);
  remove = (path: string): Promise<null> => this.must<null>('DELETE', path);

  /** The language of this person's console. */
  speak = (locale: string): Promise<unknown> => this.must('PATCH', '/account', { locale });

  async article(id: string): Promise<EditedArticle> {
    return (await this.get<{ article: EditedArticle }>(`/help/articles/${id}`)).article;
  }

  /** A new article with texts, each at the stage that is asked for. */
  async write(
    slug: string,
    texts: Partial<Record<ReadingLocale, Partial<Written>>>,
    stage: Stage = 'published',
    category = 'deposits',
  ): Promise<EditedArticle> {
    const { categories } = await this.get<{ categories: HelpCategory[] }>('/help/categories');
    const locales = Object.keys(texts) as ReadingLocale[];
    const [first] = locales;
    const { article } = await this.post<{ article: EditedArticle }>('/help/articles', {
      category_id: categories.find((c) => c.slug === category)?.id,
      slug,
      locale: first,
      title: texts[first as ReadingLocale]?.title,
    });
    for (const locale of locales) await this.save(article.id, locale, texts[locale] ?? {}, stage);
    return this.article(article.id);
  }

  async save(id: string, locale: ReadingLocale, words: Partial<Written>, stage?: Stage): Promise<void> {
    const path = `/help/articles/${id}/texts/${locale}`;
    const old = (await this.article(id)).texts[locale];
    const { title, summary, body, tags } = old ?? { title: '', summary: 'In short.', body: '', tags: [] };
    const { text } = await this.must<{ text: { revision: number } }>('PUT', path, {
      ...{ title, summary: summary || 'In short.', body, tags: tags ?? [] },
      ...words,
      revision: old?.revision ?? 0,
    });
    if (stage !== undefined && stage !== 'draft')
      await this.post(`${path}/stage`, { revision: text.revision, stage });
  }
}
