import { describe, expect, it } from 'vitest';
import * as md from '../src/help/markdown_edit';
import { toMarkdown, worthConverting } from '../src/help/paste';
import { articleNodes } from '../src/help/trusted';

/** "a|b" is a cursor, "[a]" a selection; so tests read like what one sees. */
function at(marked: string): md.Edit {
  const start = marked.search(/[|«]/);
  if (marked.includes('«')) {
    const text = marked.replace('«', '');
    const end = text.indexOf('»');
    return { text: text.replace('»', ''), start, end };
  }
  return { text: marked.replace('|', ''), start, end: start };
}
function seen(edit: md.Edit | null): string | null {
  if (edit === null) return null;
  const { text, start, end } = edit;
  return start === end
    ? `${text.slice(0, start)}|${text.slice(start)}`
    : `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`;
}

describe('Enter in a list', () => {
  it.each([
    ['- a|', '- a\n- |'],
    ['* a|b', '* a\n* |b'],
    ['9. a|', '9. a\n10. |'],
    ['   - a|', '   - a\n   - |'],
    ['- [x] a|', '- [x] a\n- [ ] |'],
    ['> a|', '> a\n> |'],
  ])('goes on: %j', (before, after) => {
    expect(seen(md.newline(at(before)))).toBe(after);
  });

  it('ends on an empty item, one level at a time', () => {
    expect(seen(md.newline(at('- a\n- |')))).toBe('- a\n|');
    expect(seen(md.newline(at('- a\n   - |')))).toBe('- a\n- |');
    expect(seen(md.newline(at('> |')))).toBe('|');
  });

  it('counts the steps below again', () => {
    expect(seen(md.newline(at('1. a|\n2. b\n3. c')))).toBe('1. a\n2. |\n3. b\n4. c');
    expect(seen(md.newline(at('1. a\n   1. x|\n   2. y\n2. b')))).toBe(
      '1. a\n   1. x\n   2. |\n   3. y\n2. b',
    );
  });

  it('is only Enter elsewhere', () => {
    expect(md.newline(at('words|'))).toBeNull();
    expect(md.newline(at('-no list|'))).toBeNull();
    expect(md.newline(at('1.5 BTC|'))).toBeNull();
  });
});

describe('Tab', () => {
  it('moves list items deeper and back, and leaves the box elsewhere', () => {
    expect(seen(md.indent(at('- a\n- b|'), true))).toBe('- a\n   - b|');
    expect(seen(md.indent(at('- a\n   - b|'), false))).toBe('- a\n- b|');
    expect(seen(md.indent(at('1. a\n2. b|\n3. c'), true))).toBe('1. a\n   1. b|\n2. c');
    expect(md.indent(at('words|'), true)).toBeNull();
  });
});

describe('the buttons', () => {
  it('bold and italic go on and off again without touching each other', () => {
    expect(seen(md.wrap(at('a «b» c'), '**', 'x'))).toBe('a **«b»** c');
    expect(seen(md.wrap(at('a **«b»** c'), '**', 'x'))).toBe('a «b» c');
    expect(seen(md.wrap(at('a «**b**» c'), '**', 'x'))).toBe('a «b» c');
    expect(seen(md.wrap(at('a |'), '*', 'words'))).toBe('a *«words»*');
    expect(seen(md.wrap(at('a **«b»** c'), '*', 'x'))).toBe('a ***«b»*** c');
  });

  it('headings and lists replace each other', () => {
    expect(seen(md.heading(at('- a|'), 2))).toBe('## a|');
    expect(seen(md.heading(at('## a|'), 2))).toBe('a|');
    expect(seen(md.list(at('«a\nb»'), 'steps'))).toBe('«1. a\n2. b»');
    expect(seen(md.list(at('«1. a\n2. b»'), 'bullets'))).toBe('«- a\n- b»');
    expect(seen(md.list(at('«- a\n- b»'), 'bullets'))).toBe('«a\nb»');
    expect(seen(md.quote(at('«a\nb»')))).toBe('«> a\n> b»');
  });

  it('a block gets lines of its own', () => {
    expect(seen(md.block(at('before|after'), 'X'))).toBe('before\n\nX|\n\nafter');
    expect(seen(md.block(at('|'), 'X'))).toBe('X|\n');
    expect(seen(md.table(at('a\n\n|'), ['One', 'Two']))).toBe('a\n\n| «One» | Two |\n|---|---|\n|  |  |\n');
    expect(seen(md.code(at('«a\nb»'), 'c'))).toBe('```\na\nb\n```|\n');
    expect(seen(md.code(at('x «a»'), 'c'))).toBe('x `«a»`');
  });

  it('a link takes the chosen words, or its own; brackets and blanks do not break it', () => {
    expect(seen(md.link(at('see «this»'), '../a/b.md', 'Title'))).toBe('see [this](../a/b.md)|');
    expect(seen(md.link(at('see |'), 'https://x.example/a b', 'T [1]'))).toBe(
      'see [T \\[1\\]](<https://x.example/a b>)|',
    );
  });

  it('finds a line by its number', () => {
    const text = 'one\ntwo\nthree';
    expect(md.lineRange(text, 2)).toEqual([4, 7]);
    expect(md.lineRange(text, 99)).toEqual([8, 13]);
  });
});

describe('what is pasted from a page', () => {
  const page = (html: string) => new DOMParser().parseFromString(html, 'text/html');

  it('keeps structure as Markdown', () => {
    const html = `<h1>Title</h1><p>Some <b>bold</b> and <i>soft</i> words, a <a href="https://x.example/a">link</a>.</p>
      <ol><li>one</li><li>two<ul><li>inner</li></ul></li></ol>
      <table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>x|y</td></tr></table><pre>code\n  here</pre>`;
    expect(toMarkdown(page(html))).toBe(
      [
        '## Title',
        'Some **bold** and *soft* words, a [link](https://x.example/a).',
        '1. one\n2. two\n   - inner',
        '| A | B |\n|---|---|\n| 1 | x\\|y |',
        '```\ncode\n  here\n```',
      ].join('\n\n'),
    );
  });

  it('drops what could run, track or mislead, and escapes what would be read as Markdown', () => {
    const html = `<p onclick="x()">2 * 3 * 4 <script>alert(1)</script><style>p{}</style>
      <a href="javascript:alert(1)">click</a><img src="https://t.example/p.gif"> &lt;b&gt;</p>`;
    expect(toMarkdown(page(html))).toBe('2 \\* 3 \\* 4 click \\<b>');
  });

  it('knows Google Docs, whose bold is not bold, and leaves plain text alone', () => {
    expect(toMarkdown(page('<b style="font-weight:normal" id="docs"><p>a</p><p><b>b</b></p></b>'))).toBe(
      'a\n\n**b**',
    );
    expect(worthConverting(page('<span style="color:red">plain</span>'))).toBe(false);
    expect(worthConverting(page('<div><ul><li>a</li></ul></div>'))).toBe(true);
  });
});

describe('the preview', () => {
  it('shows no script, frame, handler or style, even if the server let one through', () => {
    const box = document.createElement('div');
    box.append(
      articleNodes(
        `<h2 id="s-a">A</h2><p style="color:red" onclick="x()">b</p><script>window.bad=1</script>
         <img src="x" onerror="window.bad=1"><iframe srcdoc="x"></iframe><svg><script>1</script></svg>
         <a href="javascript:1">c</a><a href="https://x.example/">d</a>`,
      ),
    );
    expect(box.querySelector('script, iframe, svg, [onclick], [onerror], [style]')).toBeNull();
    const links = box.querySelectorAll('a');
    expect(links[0]?.hasAttribute('href')).toBe(false);
    expect([links[1]?.target, links[1]?.rel]).toEqual(['_blank', 'noopener noreferrer']);
    expect(box.querySelector('h2')?.id).toBe('s-a');
    expect('bad' in window).toBe(false);
  });
});
