import { describe, expect, it } from 'vitest';
import { RequestError } from './errors';
import { HelpApi } from './help_api';

function api(status: number, answer: unknown) {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetcher = ((url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(answer), { status }));
  }) as typeof fetch;
  return { asked, help: new HelpApi({ fetch: fetcher }) };
}

describe('what editors ask the server', () => {
  it('a stale save brings the other person’s text, so that nothing typed is lost', async () => {
    const { help, asked } = api(409, {
      code: 'stale',
      message: 'stale',
      current: { body: 'theirs', revision: 4 },
    });
    const saving = help.saveText('7', 'zh-CN', {
      revision: 3,
      title: 't',
      summary: '',
      body: 'mine',
      tags: [],
    });
    const error = await saving.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).code).toBe('stale');
    expect((error as RequestError).answer['current']).toEqual({ body: 'theirs', revision: 4 });
    expect([asked[0]?.url, asked[0]?.init.method]).toEqual(['/api/v1/help/articles/7/texts/zh-CN', 'PUT']);
  });

  it('an image goes up as it is, under its own type', async () => {
    const { help, asked } = api(201, { name: 'a.png', url: '/media/a.png' });
    const image = new Blob([new Uint8Array([1, 2, 3])], { type: 'image/png' });
    await help.uploadImage(image);
    expect(asked[0]?.init.body).toBe(image);
    expect(asked[0]?.init.headers).toMatchObject({ 'Content-Type': 'image/png' });
  });

  it('a removal names the revision that was read', async () => {
    const { help, asked } = api(204, null);
    await help.removeArticle('7', 3);
    expect([asked[0]?.url, asked[0]?.init.method]).toEqual(['/api/v1/help/articles/7?revision=3', 'DELETE']);
  });
});
