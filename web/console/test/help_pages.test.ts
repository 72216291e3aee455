import { describe, expect, it } from 'vitest';
import type { ArticlePage, ArticleQuery } from '../../sdk';
import { imageMarkdown, imageTrouble } from '../src/help/editor/image';
import { en } from '../src/help/i18n/en';
import { zhCN } from '../src/help/i18n/zh-CN';
import { ceiling, change, helpfulRate, line, share, span } from '../src/help/insight/figures';
import { ArticleList } from '../src/help/list.svelte';
import { moved, positions } from '../src/help/manage/ordering';
import { repeated, split } from '../src/help/manage/synonyms';
import { slugFrom } from '../src/help/slug';
import { fromField, offered, readersSee, toField } from '../src/help/stages';
import { areaCommands, areaKey, offer } from '../src/lib/area_actions';
import { articlePath, articlesPath, openTo } from '../src/lib/help';
import { match } from '../src/lib/router.svelte';
import { KeyReader } from '../src/lib/shortcuts';
import { articleSummary } from './help_make';
import { press } from './make';

describe('who sees what', () => {
  const sections = (...has: string[]) => openTo((p) => has.includes(p));

  it('an agent writes articles, but sees neither figures nor announcements', () => {
    expect(sections('conversation.read', 'article.edit')).toEqual(['articles', 'official']);
  });
  it('an editor has the whole desk', () => {
    expect(sections('article.edit', 'article.publish', 'insight.read', 'announcement.manage')).toHaveLength(
      7,
    );
  });
  it('an auditor reads figures only, and who has none of it sees no Help Center at all', () => {
    expect(sections('conversation.read', 'insight.read')).toEqual(['insight', 'feedback']);
    expect(sections('conversation.read', 'staff.read')).toEqual([]);
  });

  it('only publishers are offered to publish; writers ask for a review', () => {
    const writer = { edit: true, publish: false };
    const editor = { edit: true, publish: true };
    expect(offered({ status: 'draft', live: 0 }, writer)).toEqual({ main: 'review', more: [] });
    expect(offered({ status: 'draft', live: 0 }, editor).main).toBe('publish');
    expect(offered({ status: 'draft', live: 3 }, editor)).toMatchObject({ main: 'update' });
    expect(offered({ status: 'draft', live: 3 }, editor).more).toContain('discard');
    expect(offered({ status: 'published', live: 3 }, editor).main).toBeNull();
    expect(offered({ status: 'scheduled', live: 0 }, editor).more).toEqual(['reschedule', 'unschedule']);
    expect(offered({ status: 'draft', live: 0 }, { edit: false, publish: false }).main).toBeNull();
  });

  it('says truly what readers see', () => {
    expect(readersSee({ status: 'published', live: 2 })).toBe('isLive');
    expect(readersSee({ status: 'draft', live: 2 })).toBe('liveToo');
    expect(readersSee({ status: 'review', live: 0 })).toBe('notLive');
    expect(readersSee({ status: 'archived', live: 0 })).toBe('wasLive');
  });
});

describe('addresses and keys', () => {
  it('every place of the area has one', () => {
    expect(match('/help').name).toBe('help');
    expect(match('/help/articles/7/zh-CN/versions').params).toEqual({
      section: 'articles',
      id: '7',
      locale: 'zh-CN',
      panel: 'versions',
    });
    expect(articlesPath({ status: 'draft', q: '', locale: undefined })).toBe('/help/articles?status=draft');
    expect(articlePath('7', 'en', 'versions')).toBe('/help/articles/7/en/versions');
  });
  it('g then h goes to the Help Center, c creates', () => {
    const keys = new KeyReader();
    keys.press(press('g'), 0);
    expect(keys.press(press('h'), 100)).toBe('go-help');
    expect(keys.press(press('c'), 2000)).toBe('create');
  });
  it('a Latin title suggests its address; a Chinese one asks for it', () => {
    expect(slugFrom('My deposit hasn’t arrived: why?')).toBe('my-deposit-hasnt-arrived-why');
    expect(slugFrom('Número de teléfono')).toBe('numero-de-telefono');
    expect(slugFrom('充值没有到账')).toBe('');
  });
});

describe('the list', () => {
  function list(total: number) {
    const asked: ArticleQuery[] = [];
    const all = Array.from({ length: total }, (_, i) => articleSummary(String(i)));
    const api = {
      articles: (q: ArticleQuery): Promise<ArticlePage> => {
        asked.push(q);
        const from = Number(q.cursor || 0);
        const to = from + (q.limit ?? 100);
        return Promise.resolve({
          articles: all.slice(from, to),
          next: to < total ? String(to) : '',
          counts: { all: total },
        });
      },
    };
    return { l: new ArticleList(api), asked };
  }

  it('grows page by page, each article once, to the end', async () => {
    const { l } = list(250);
    await l.show({});
    await Promise.all([l.more(), l.more()]);
    await l.more();
    await l.more();
    expect(new Set(l.items.map((a) => a.id)).size).toBe(250);
    expect([l.items.length, l.next]).toEqual([250, '']);
  });

  it('keys walk through it and stop at its ends', async () => {
    const { l } = list(3);
    await l.show({});
    expect([l.step(1), l.step(1), l.step(1), l.step(1), l.step(-1)]).toEqual(['0', '1', '2', '2', '1']);
  });

  it('another filter starts at the top; the same one keeps the place', async () => {
    const { l } = list(250);
    await l.show({ status: 'draft' });
    l.step(1);
    l.scroll = 900;
    await l.show({ status: 'draft' });
    expect([l.cursor, l.scroll]).toEqual(['0', 900]);
    await l.show({ status: 'review' });
    expect([l.cursor, l.scroll, l.path]).toEqual(['', 0, '/help/articles?status=review']);
  });
});

describe('small things', () => {
  it('a scheduled time goes into the field and out again unharmed', () => {
    const at = new Date(2026, 10, 22, 15, 4).getTime() * 1000;
    expect(toField(at)).toBe('2026-11-22T15:04');
    expect(fromField(toField(at))).toBe(at);
    expect([toField(0), fromField(''), fromField('nonsense')]).toEqual(['', 0, 0]);
  });

  it('images need a known kind and size; a description cannot break out of its brackets', () => {
    expect(imageTrouble({ type: 'image/svg+xml', size: 1 }, en)).toBe(en.image.wrongType);
    expect(imageTrouble({ type: 'image/png', size: 11 * 1024 * 1024 }, en)).toBe(en.image.tooLarge);
    expect(imageTrouble({ type: 'image/png', size: 1000 }, en)).toBe('');
    expect(imageMarkdown(' A ](x) \n B ', '/media/a.png')).toBe('![A \\](x) B](/media/a.png)');
  });

  it('categories are renumbered only where they must be', () => {
    const list = [10, 20, 30].map((position) => ({ id: position, position }));
    expect(moved(list, 2, 0).map((x) => x.id)).toEqual([30, 10, 20]);
    expect(positions(moved(list, 1, 2)).map((x) => [x.item.id, x.position])).toEqual([
      [30, 20],
      [20, 30],
    ]);
    expect(positions(list)).toEqual([]);
  });

  it('synonyms are separated as people do in either language, and stand in one group', () => {
    expect(split('提币，提现、withdraw, ,withdraw')).toEqual(['提币', '提现', 'withdraw']);
    expect(
      repeated([
        ['a', 'b'],
        ['c', 'B'],
      ]),
    ).toBe('B');
    expect(repeated([['a', 'b'], ['c']])).toBe('');
  });

  it('figures say nothing where there is nothing to say', () => {
    expect(span(7, new Date('2026-11-22T23:30:00Z'))).toEqual({ from: '2026-11-16', to: '2026-11-22' });
    expect([helpfulRate({ helpful: 2, unhelpful: 1 }), helpfulRate({ helpful: 3, unhelpful: 2 })]).toEqual([
      null,
      0.6,
    ]);
    expect([change(5, 0), change(15, 10)]).toEqual([null, 0.5]);
    expect([share(1, { searches: 0 }), share(1, { searches: 4 })]).toEqual([null, 0.25]);
    expect([ceiling([]), ceiling([3, 87]), ceiling([101]), ceiling([1000])]).toEqual([4, 100, 200, 1000]);
    expect(line([0, 10], 10, 100, 50)).toBe('M0.0 50.0L100.0 0.0');
  });
});

describe('catalogues of the Help Center', () => {
  const paths = (value: object, at = ''): string[] =>
    Object.entries(value).flatMap(([k, v]) =>
      typeof v === 'object' && v !== null && !Array.isArray(v)
        ? paths(v as object, `${at}${k}.`)
        : [`${at}${k}`],
    );
  const strings = (v: unknown): string[] =>
    typeof v === 'string'
      ? [v]
      : typeof v === 'object' && v !== null
        ? Object.values(v).flatMap(strings)
        : [];

  it('have the same entries in both languages, none empty', () => {
    expect(paths(zhCN).sort()).toEqual(paths(en).sort());
    expect([...strings(en), ...strings(zhCN)].filter((s) => s === '')).toEqual([]);
  });
  it('Chinese sentences use Chinese punctuation', () => {
    expect(strings(zhCN).filter((s) => /[\u4e00-\u9fff][,;:?!]/.test(s))).toEqual([]);
  });
});

describe('the area on screen', () => {
  it('adds its keys and commands while it is there, and takes them along when it goes', () => {
    const said: string[] = [];
    const key = (name: string) => (id: string) => (id === 'create' ? () => said.push(name) : undefined);
    const one = offer({ key: key('page') });
    const two = offer({ commands: () => [{ id: 'x', label: 'X', section: 'area', run: () => undefined }] });
    areaKey('create')?.();
    expect(areaKey('next')).toBeUndefined();
    expect(areaCommands().map((c) => c.id)).toEqual(['x']);
    one();
    two();
    expect([said, areaKey('create'), areaCommands()]).toEqual([['page'], undefined, []]);
  });
});
