import { describe, expect, it } from 'vitest';
import { blocks, inline, safeHref } from '../src/lib/markdown';

const text = (s: string) => ({ kind: 'text', text: s });

describe('agent Markdown', () => {
  it('never links anything that could run or leak', () => {
    for (const bad of [
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      '//evil.example',
      'java\nscript:x',
    ]) {
      expect(safeHref(bad)).toBeNull();
    }
    expect(inline('[click](javascript:alert)')).toEqual([text('[click](javascript:alert)')]);
  });

  it('keeps HTML as the text that was typed', () => {
    expect(inline('<img src=x onerror=alert(1)>')).toEqual([text('<img src=x onerror=alert(1)>')]);
  });

  it('links a bare address without the punctuation after it, in both scripts', () => {
    const href = 'https://help.meridian.example/a';
    const link = { kind: 'link', href, children: [text(href)] };
    expect(inline(`See ${href}.`)).toEqual([text('See '), link, text('.')]);
    expect(inline(`\u89c1${href}\u3002\u8c22\u8c22`)).toEqual([
      text('\u89c1'),
      link,
      text('\u3002\u8c22\u8c22'),
    ]);
    expect(inline(`(${href})`)).toEqual([text('('), link, text(')')]);
  });

  it('reads emphasis and code, and leaves snake_case and sums alone', () => {
    expect(inline('**do** *not* `send` it')).toEqual([
      { kind: 'strong', children: [text('do')] },
      text(' '),
      { kind: 'em', children: [text('not')] },
      text(' '),
      { kind: 'code', text: 'send' },
      text(' it'),
    ]);
    expect(inline('my_order_id 2*3*4')).toEqual([text('my_order_id 2*3*4')]);
  });

  it('tells a list from a sum of money', () => {
    expect(blocks('1.5 BTC arrived')[0]).toMatchObject({ kind: 'paragraph' });
    expect(blocks('3. Open\n4. Copy')[0]).toMatchObject({
      kind: 'list',
      ordered: true,
      start: 3,
      items: [[text('Open')], [text('Copy')]],
    });
    expect(blocks('- a\n- b\n\n> said\n\n```\nx **y**\n```').map((b) => b.kind)).toEqual([
      'list',
      'quote',
      'code',
    ]);
  });

  it('is quick on hostile input', () => {
    const start = performance.now();
    blocks(`${'*'.repeat(4000)}a${'_'.repeat(4000)}`);
    blocks(`${'[a]('.repeat(2000)}`);
    blocks('**a*'.repeat(2000));
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
