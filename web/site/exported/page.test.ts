// @vitest-environment jsdom
// What somebody types on the exported search page is shown to nobody but them, and runs nowhere.
import { beforeEach, describe, expect, test } from 'vitest';
import { Finder } from './find';
import { frontFor } from './front';
import { attachSearch, hashFor, queryOf } from './page';
import { keepTheme } from './theme';

const finder = () =>
  new Finder({
    categories: ['Security'],
    articles: [
      {
        path: 'a/s/x.html',
        category: 0,
        title: 'Lost <i>phone</i>',
        summary: 'Lost it?',
        tags: [],
        text: '',
      },
    ],
    synonyms: [],
    simplified: '',
  });

beforeEach(() => {
  location.hash = '';
  document.title = 'Search · Help Center';
  document.body.innerHTML = `
    <form role="search"><input></form>
    <details class="menu"><a href="../zh-CN/search.html">中文</a></details>
    <div data-find data-title="Search: %s" data-results="Results for %s" data-none="Nothing for %s" data-one="1 article" data-many="%s articles">
      <h1 data-find-title>What are you looking for?</h1><p data-find-meant hidden><a href="#"></a></p><p data-find-count></p>
      <template data-find-hit><li><a><span class="row-over"></span><span class="row-title"></span><span class="row-text"></span></a></li></template>
      <ol data-find-hits hidden></ol><div data-find-none hidden></div><section data-find-all></section>
    </div>`;
});

const at = (selector: string) => document.querySelector(selector) as HTMLElement;
const ask = (query: string) => {
  location.hash = hashFor(query);
  dispatchEvent(new Event('hashchange'));
};

describe('the search page', () => {
  test('lists everything until something is asked', () => {
    attachSearch(at('[data-find]'), finder);
    expect(at('[data-find-all]').hidden).toBe(false);
    expect(at('[data-find-hits]').hidden).toBe(true);
    expect(document.title).toBe('Search · Help Center');
  });

  test('shows what was found, as text', () => {
    attachSearch(at('[data-find]'), finder);
    ask('lost <i>');
    expect(at('h1').textContent).toBe('Results for lost <i>');
    expect(at('[data-find-hits] .row-title').innerHTML).toBe('<mark>Lost</mark> &lt;i&gt;phone&lt;/i&gt;');
    expect(at('[data-find-hits] a').getAttribute('href')).toBe('a/s/x.html');
    expect(at('[data-find-count]').textContent).toBe('1 article');
    expect(at('[data-find-all]').hidden).toBe(true);
    expect(document.title).toBe('Search: lost <i> · Help Center');
    expect((at('input') as HTMLInputElement).value).toBe('lost <i>');
    expect(at('details a').getAttribute('href')).toBe(
      'http://localhost:3000/zh-CN/search.html#q=lost%20%3Ci%3E',
    );
  });

  test('says when nothing was found, and what was perhaps meant', () => {
    attachSearch(at('[data-find]'), finder);
    ask('xyzzy');
    expect(at('h1').textContent).toBe('Nothing for xyzzy');
    expect(at('[data-find-none]').hidden).toBe(false);
    ask('phnoe');
    expect(at('[data-find-meant]').hidden).toBe(false);
    expect(at('[data-find-meant] a').textContent).toBe('phone');
    ask('');
    expect(at('[data-find-none]').hidden).toBe(true);
    expect(at('h1').textContent).toBe('What are you looking for?');
  });

  test('reads any fragment', () => {
    expect(queryOf('')).toBe('');
    expect(queryOf('#main')).toBe('');
    expect(queryOf('#q=a%2Bb%26c')).toBe('a+b&c');
    expect(queryOf('#q=%E0%A4%A')).not.toBe('a');
    expect(queryOf(hashFor('提币 & 50% #1'))).toBe('提币 & 50% #1');
  });
});

test('the front page leads to the language that the reader prefers', () => {
  const all = ['en', 'zh-CN', 'zh-TW'];
  expect(frontFor(all, ['zh-HK', 'en'])).toBe('zh-TW');
  expect(frontFor(all, ['zh'])).toBe('zh-CN');
  expect(frontFor(['en', 'zh-CN'], ['zh-TW'])).toBe('zh-CN');
  expect(frontFor(all, ['fr', 'en-GB'])).toBe('en');
  expect(frontFor(all, ['fr'])).toBe('en');
  expect(frontFor(['zh-CN'], ['en'])).toBe('zh-CN');
});

test('the chosen theme stays, and a storage that refuses does no harm', () => {
  document.body.innerHTML =
    '<template data-theme-form><form class="theme"><button value="dark">d</button><button value="light">l</button></form></template>';
  const told: string[] = [];
  keepTheme((theme) => told.push(theme));
  (at('button[value=dark]') as HTMLButtonElement).click();
  expect(document.documentElement.dataset['theme']).toBe('dark');
  expect(told).toEqual(['dark']);
  delete document.documentElement.dataset['theme'];
  keepTheme(() => undefined);
  expect(document.documentElement.dataset['theme']).toBe('dark');
});
