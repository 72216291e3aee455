import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestError, type ArticleText, type EditedArticle, type TextSave } from '../../sdk';
import { asArticlePublication, Editor, type EditorApi } from '../src/help/editor.svelte';
import { Shelf } from '../src/help/shelf';
import { atLeast, idle, TextWork } from '../src/help/text_work.svelte';
import { articleText, editedArticle } from './help_make';
import { box } from './make';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const offline = () => new RequestError('offline', 0, '', 'no network', 'r');
const stale = (current: ArticleText) =>
  new RequestError('permanent', 409, 'stale', 'stale', 'r', 0, {}, { current });

/** A server that holds one text, and can be told to fail. */
function server(first: ArticleText | null = articleText()) {
  const s = {
    text: first,
    saves: [] as TextSave[],
    fail: null as (() => Error) | null,
    /** Saved by somebody else. */
    other(change: Partial<ArticleText>) {
      const text = s.text ?? articleText();
      s.text = { ...text, ...change, revision: text.revision + 1, edited_by_name: 'Mei' };
      return s.text;
    },
    save(save: TextSave): Promise<{ text: ArticleText }> {
      s.saves.push(save);
      if (s.fail !== null) return Promise.reject(s.fail());
      if (s.text !== null && save.revision !== s.text.revision) return Promise.reject(stale(s.text));
      const { title, summary, body, tags } = save;
      s.text = { ...(s.text ?? articleText()), title, summary, body, tags, revision: save.revision + 1 };
      return Promise.resolve({ text: s.text });
    },
  };
  return s;
}

function work(s: ReturnType<typeof server>, storage = box()) {
  const saved: ArticleText[] = [];
  const w = new TextWork({
    article: '7',
    locale: 'en',
    text: s.text,
    shelf: new Shelf(storage, '11'),
    save: (text) => s.save(text),
    onSaved: (text) => saved.push(text),
    now: () => Date.now(),
  });
  return { w, saved, storage };
}

describe('writing', () => {
  it('is saved a moment after the last key, once', async () => {
    const s = server();
    const { w } = work(s);
    w.write({ body: 'a' });
    await vi.advanceTimersByTimeAsync(idle / 2);
    w.write({ body: 'ab' });
    expect(w.state).toBe('dirty');
    await vi.advanceTimersByTimeAsync(idle + 10);
    expect(s.saves.map((x) => x.body)).toEqual(['ab']);
    expect([w.state, w.dirty, w.revision]).toEqual(['saved', false, 2]);
  });

  it('is saved while somebody types without a pause', async () => {
    const s = server();
    const { w } = work(s);
    for (let t = 0; t < atLeast + idle; t += 500) {
      w.write({ body: `typed ${t}` });
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(s.saves.length).toBeGreaterThan(0);
  });

  it('goes on during a save; what was typed meanwhile follows', async () => {
    const s = server();
    const { w } = work(s);
    w.write({ body: 'first' });
    const saving = w.save();
    w.write({ body: 'first and second' });
    await saving;
    expect(w.now.body).toBe('first and second');
    await vi.advanceTimersByTimeAsync(idle + 10);
    expect([s.text?.body, w.dirty]).toEqual(['first and second', false]);
  });

  it('that is undone again makes no version', async () => {
    const s = server();
    const { w } = work(s);
    const before = w.now.body;
    w.write({ body: `${before}x` });
    w.write({ body: before });
    await vi.advanceTimersByTimeAsync(atLeast);
    expect([s.saves.length, w.state]).toEqual([0, 'clean']);
  });

  it('starts a text that does not exist with revision 0 and the source version it was translated from', async () => {
    const s = server(null);
    const { w } = work(s);
    expect(w.started).toBe(false);
    w.sourceVersion = 4;
    w.write({ title: '标题' });
    await w.save();
    expect(s.saves[0]).toMatchObject({ revision: 0, source_version: 4, title: '标题' });
    w.write({ title: '新标题' });
    await w.save();
    expect(s.saves[1]?.source_version).toBeUndefined();
  });
});

describe('without a network', () => {
  it('words are kept on the device, said to be, and saved when the network is back', async () => {
    const s = server();
    const { w, storage } = work(s);
    s.fail = offline;
    w.write({ body: 'precious' });
    await vi.advanceTimersByTimeAsync(idle + 10);
    expect([w.state, w.shelved]).toEqual(['offline', true]);
    expect(storage.held.size).toBe(1);
    s.fail = null;
    w.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect([s.text?.body, w.state, storage.held.size]).toEqual(['precious', 'saved', 0]);
  });

  it('it tries again by itself', async () => {
    const s = server();
    const { w } = work(s);
    s.fail = offline;
    w.write({ body: 'x' });
    await vi.advanceTimersByTimeAsync(idle + 10);
    s.fail = null;
    await vi.advanceTimersByTimeAsync(3_100);
    expect(w.state).toBe('saved');
  });

  it('says so when the browser refuses to keep them', async () => {
    const s = server();
    const { w } = work(s, box({ full: true }));
    s.fail = offline;
    w.write({ body: 'x' });
    await vi.advanceTimersByTimeAsync(idle + 10);
    expect([w.state, w.shelved]).toEqual(['offline', false]);
  });
});

describe('after a crash', () => {
  it('unsaved words are offered, not forced, and can be discarded', () => {
    const s = server();
    const first = work(s);
    first.w.write({ body: 'lost?' });
    first.w.keep();
    const second = work(s, first.storage).w;
    expect(second.now.body).toBe('body');
    expect(second.found?.body).toBe('lost?');
    second.restoreFound();
    expect([second.now.body, second.dirty, second.found]).toEqual(['lost?', true, null]);
    const third = work(s, first.storage).w;
    third.discardFound();
    expect(work(s, first.storage).w.found).toBeNull();
  });

  it('words on an older text become two texts side by side, never a silent overwrite', async () => {
    const s = server();
    const first = work(s);
    first.w.write({ body: 'mine' });
    first.w.keep();
    s.other({ body: 'theirs' });
    const second = work(s, first.storage).w;
    second.restoreFound();
    expect([second.state, second.theirs?.body, second.now.body]).toEqual(['conflict', 'theirs', 'mine']);
    await vi.advanceTimersByTimeAsync(atLeast);
    expect(s.text?.body).toBe('theirs');
  });

  it('what the server has already is not offered', () => {
    const s = server();
    const { storage } = work(s);
    const { title, summary, body, tags } = articleText();
    new Shelf(storage, '11').keep('7', 'en', { title, summary, body, tags: tags ?? [], revision: 1, at: 1 });
    expect(work(s, storage).w.found).toBeNull();
    expect(storage.held.size).toBe(0);
  });
});

describe('two people at one text', () => {
  it('a stale save is refused, both texts are there, and the merged one goes on top of theirs', async () => {
    const s = server();
    const { w, storage } = work(s);
    w.write({ body: 'mine' });
    s.other({ body: 'theirs' });
    await vi.advanceTimersByTimeAsync(idle + 10);
    expect([w.state, w.theirs?.body, w.now.body]).toEqual(['conflict', 'theirs', 'mine']);
    expect(storage.held.size).toBe(1);
    w.write({ body: 'mine, still typing' });
    await vi.advanceTimersByTimeAsync(atLeast);
    expect(s.text?.body).toBe('theirs');
    expect(await w.resolve({ ...w.now, body: 'both' })).toBe(true);
    expect([s.text?.body, s.text?.revision, w.state, storage.held.size]).toEqual(['both', 3, 'saved', 0]);
  });

  it('taking theirs needs no save', async () => {
    const s = server();
    const { w } = work(s);
    w.write({ body: 'mine' });
    const theirs = s.other({ body: 'theirs' });
    await vi.advanceTimersByTimeAsync(idle + 10);
    const saves = s.saves.length;
    await w.resolve({
      title: theirs.title,
      summary: theirs.summary,
      body: 'theirs',
      tags: theirs.tags ?? [],
    });
    expect([s.saves.length, w.now.body, w.dirty]).toEqual([saves, 'theirs', false]);
  });

  it('their save is shown at once where nothing of mine is unsaved, and laid beside mine otherwise', () => {
    const s = server();
    const { w } = work(s);
    const theirs = s.other({ body: 'theirs' });
    expect(w.receive(theirs)).toBe('shown');
    expect(w.now.body).toBe('theirs');
    expect(w.receive(theirs)).toBe('old');
    w.write({ body: 'mine' });
    expect(w.receive(s.other({ body: 'theirs again' }))).toBe('conflict');
    expect([w.now.body, w.theirs?.body]).toEqual(['mine', 'theirs again']);
  });
});

function editor(article: EditedArticle = editedArticle()) {
  const s = { article, asked: [] as string[] };
  const api: EditorApi = {
    article: () => Promise.resolve({ article: s.article }),
    updateArticle: (_id, p) => {
      s.asked.push(`patch ${p.revision}`);
      if (p.revision !== s.article.revision)
        return Promise.reject(new RequestError('permanent', 409, 'stale', 'stale', 'r'));
      const { revision, ...rest } = p;
      s.article = { ...s.article, ...rest, owner_id: rest.owner_id ?? '', revision: revision + 1 };
      return Promise.resolve({ article: s.article });
    },
    saveText: (_id, locale, text) => {
      s.asked.push(`save ${locale} ${text.revision}`);
      const { title, summary, body, tags } = text;
      const next = articleText({ title, summary, body, tags, revision: text.revision + 1 });
      return Promise.resolve({ text: next });
    },
    stage: (_id, locale, change) => {
      s.asked.push(`${change.stage} ${locale} ${change.revision}`);
      return Promise.resolve({
        text: articleText({ status: change.stage, revision: change.revision + 1, body: 'typed' }),
      });
    },
    reviewed: () => Promise.reject(new Error('not asked')),
  };
  return { e: new Editor('7', api, new Shelf(box(), '11')), s };
}

describe('an open article', () => {
  it('publishes what is on screen: it saves first', async () => {
    const { e, s } = editor();
    await e.load();
    e.work('en')?.write({ body: 'typed' });
    expect(await e.stage('en', { stage: 'review' })).toBe(true);
    expect(s.asked).toEqual(['save en 1', 'review en 2']);
    expect([e.article?.texts.en?.status, e.work('en')?.revision]).toEqual(['review', 3]);
  });

  it('a change of details survives that somebody changed other details', async () => {
    const { e, s } = editor();
    await e.load();
    s.article = { ...s.article, revision: 5, review_days: 30 };
    await e.patch({ slug: 'new-slug' });
    expect(s.asked).toEqual(['patch 1', 'patch 5']);
    expect([e.article?.slug, e.article?.review_days, e.article?.revision]).toEqual(['new-slug', 30, 6]);
  });

  it('tells who saved, shows it, and never touches what is being typed', async () => {
    const { e, s } = editor();
    await e.load();
    const theirs = articleText({ body: 'theirs', revision: 2 });
    s.article = { ...s.article, texts: { en: theirs } };
    await e.receive({ type: 'article', article_id: '7', locale: 'en', revision: 2, name: 'Mei' });
    expect([e.news?.name, e.news?.kind, e.work('en')?.now.body]).toEqual(['Mei', 'shown', 'theirs']);
    e.work('en')?.write({ body: 'mine' });
    s.article = { ...s.article, texts: { en: { ...theirs, body: 'theirs 2', revision: 3 } } };
    await e.receive({ type: 'article', article_id: '7', locale: 'en', revision: 3, name: 'Mei' });
    expect([e.news?.kind, e.work('en')?.now.body, e.work('en')?.state]).toEqual([
      'conflict',
      'mine',
      'conflict',
    ]);
  });

  it('its own saves come back as events and are no news', async () => {
    const { e } = editor();
    await e.load();
    e.work('en')?.write({ body: 'typed' });
    await e.work('en')?.save();
    await e.receive({ type: 'article', article_id: '7', locale: 'en', revision: 2, name: 'me' });
    expect(e.news).toBeNull();
  });

  it('takes the channel at its word only as far as the contract goes', () => {
    expect(asArticlePublication({ type: 'article', locale: 'en', revision: 1 })).not.toBeNull();
    expect([asArticlePublication(null), asArticlePublication({ type: 'message' })]).toEqual([null, null]);
  });
});
