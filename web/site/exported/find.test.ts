// A reader of the exported pages must find and recognise the right article without any server.
import { describe, expect, test } from 'vitest';
import type { SearchData } from './data';
import { Finder, tidy } from './find';

const data: SearchData = {
  categories: ['Deposits', 'Security'],
  articles: [
    {
      path: 'a/deposits/memo.html',
      category: 0,
      title: 'Deposit sent without a memo',
      summary: 'What to do when the memo is missing.',
      tags: ['tag'],
      text: 'Some coins need a memo.\nTell us the TxID, and the deposit is credited by hand.',
    },
    {
      path: 'a/security/lost.html',
      category: 1,
      title: '丢失身份验证器 <b>',
      summary: '手机丢失时怎么办。',
      tags: ['2FA'],
      text: '用恢复码重置。',
    },
  ],
  synonyms: [['2FA', '身份验证器', 'authenticator']],
  simplified: '證证驗验丟丢',
};
const finder = new Finder(data);
const paths = (query: string) => finder.find(query).hits.map((h) => h.article.path);

describe('the finder', () => {
  test('quotes the block that has most of the query', () => {
    const [hit] = finder.find('credited txid').hits;
    expect(hit?.passage.text).toBe('Tell us the TxID, and the deposit is credited by hand.');
    expect(hit?.passage.spans.map(([a, b]) => hit.passage.text.slice(a, b))).toEqual(['TxID', 'credited']);
    expect(hit?.category).toBe('Deposits');
    expect(finder.find('memo').hits[0]?.passage.text).toBe('What to do when the memo is missing.');
  });

  test('finds across languages and scripts, misspelt and unfinished', () => {
    expect(paths('authenticator')).toEqual(['a/security/lost.html']);
    expect(paths('身份驗證器')).toEqual(['a/security/lost.html']);
    expect(finder.find('crebited').corrected).toBe('credited');
    expect(paths('depos')).toEqual(['a/deposits/memo.html']);
    expect(paths('nothing like it at all xyzzy')).toEqual([]);
  });

  test('takes a query as nobody types it', () => {
    expect(tidy('  a \n b\t ')).toBe('a b');
    expect(Array.from(tidy('😀'.repeat(500)))).toHaveLength(200);
  });
});
