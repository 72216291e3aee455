// What the keys and buttons of the editor do to a text with a selection. Pure: a component puts the result on screen.

export interface Edit {
  text: string;
  /** The selection, in UTF-16 units as text areas count. */
  start: number;
  end: number;
}

const bulletLine = /^(\s*)([-*+]) (\[[ xX]\] )?/;
const numberLine = /^(\s*)(\d{1,9})([.)]) /;
const quoteLine = /^(\s*)> ?/;
const indentBy = '   ';

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
function put(edit: Edit, from: number, to: number, insert: string, start: number, end = start): Edit {
  return { text: edit.text.slice(0, from) + insert + edit.text.slice(to), start, end };
}

/** Puts signs such as ** around the selection, or takes them away when they are there. */
export function wrap(edit: Edit, sign: string, placeholder: string): Edit {
  const { text, start, end } = edit;
  const n = sign.length;
  const chosen = text.slice(start, end);
  const single = (at: number) => n > 1 || text.charAt(at) !== sign;
  if (
    text.slice(start - n, start) === sign &&
    text.slice(end, end + n) === sign &&
    single(start - n - 1) &&
    single(end + n)
  )
    return put(edit, start - n, end + n, chosen, start - n, end - n);
  if (chosen.length > 2 * n && chosen.startsWith(sign) && chosen.endsWith(sign))
    return put(edit, start, end, chosen.slice(n, -n), start, end - 2 * n);
  const inner = chosen === '' ? placeholder : chosen;
  return put(edit, start, end, sign + inner + sign, start + n, start + n + inner.length);
}

/** Rewrites each line that the selection touches; the selection then covers them. */
function eachLine(edit: Edit, change: (line: string, i: number) => string): Edit {
  const from = lineStart(edit.text, edit.start);
  const to = lineEnd(edit.text, Math.max(edit.start, edit.end - (edit.end > edit.start ? 1 : 0)));
  const lines = edit.text.slice(from, to).split('\n');
  const next = lines.map(change).join('\n');
  if (edit.start === edit.end && lines.length === 1) {
    const at = Math.max(from, edit.start + next.length - (to - from));
    return put(edit, from, to, next, at);
  }
  return put(edit, from, to, next, from, from + next.length);
}

function bare(line: string): string {
  return line
    .replace(/^#{1,6} +/, '')
    .replace(bulletLine, '$1')
    .replace(numberLine, '$1');
}

/** Makes the lines headings of a level, or ordinary lines again when they are. */
export function heading(edit: Edit, level: 2 | 3): Edit {
  const sign = `${'#'.repeat(level)} `;
  return eachLine(edit, (line) => (line.startsWith(sign) ? line.slice(sign.length) : sign + bare(line)));
}

export function list(edit: Edit, kind: 'bullets' | 'steps'): Edit {
  const pattern = kind === 'bullets' ? bulletLine : numberLine;
  const from = lineStart(edit.text, edit.start);
  const to = lineEnd(edit.text, edit.end);
  const all = edit.text
    .slice(from, to)
    .split('\n')
    .filter((l) => l.trim() !== '');
  const off = all.length > 0 && all.every((l) => pattern.test(l));
  let n = 0;
  return eachLine(edit, (line, i) => {
    if (off) return line.replace(pattern, '$1');
    if (line.trim() === '' && i > 0) return line;
    n++;
    const clean = bare(line);
    const space = /^\s*/.exec(clean)?.[0] ?? '';
    return `${space}${kind === 'bullets' ? '-' : `${n}.`} ${clean.slice(space.length)}`;
  });
}

export function quote(edit: Edit): Edit {
  return eachLine(edit, (line) => (quoteLine.test(line) ? line.replace(quoteLine, '$1') : `> ${line}`));
}

/** Inline code for words within a line, a fenced block for whole lines. */
export function code(edit: Edit, placeholder: string): Edit {
  const chosen = edit.text.slice(edit.start, edit.end);
  if (!chosen.includes('\n')) return wrap(edit, '`', placeholder);
  return block(edit, `\`\`\`\n${chosen.replace(/\n$/, '')}\n\`\`\``);
}

/** Puts a block on lines of its own, with an empty line on either side. */
export function block(edit: Edit, insert: string, chosen: [number, number] = [0, 0]): Edit {
  const before = edit.text.slice(0, edit.start).replace(/[ \t]+$/, '');
  const after = edit.text.slice(edit.end).replace(/^[ \t]+/, '');
  const lead = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  const trail = after === '' ? '\n' : after.startsWith('\n\n') ? '' : after.startsWith('\n') ? '\n' : '\n\n';
  const at = before.length + lead.length;
  const [from, to] = chosen;
  return to > from
    ? { text: before + lead + insert + trail + after, start: at + from, end: at + to }
    : {
        text: before + lead + insert + trail + after,
        start: at + insert.length,
        end: at + insert.length,
      };
}

export function table(edit: Edit, [first, second]: readonly [string, string]): Edit {
  const rows = `| ${first} | ${second} |\n|---|---|\n|  |  |`;
  return block(edit, rows, [2, 2 + first.length]);
}

/** A link on the chosen words, or on `label` where none are. */
export function link(edit: Edit, href: string, label: string): Edit {
  const chosen = edit.text.slice(edit.start, edit.end);
  const text = (chosen === '' ? label : chosen).replace(/[[\]]/g, '\\$&');
  const target = /[\s()]/.test(href) ? `<${href}>` : href;
  const whole = `[${text}](${target})`;
  return put(edit, edit.start, edit.end, whole, edit.start + whole.length);
}

/** Text in place of the selection. */
export function insert(edit: Edit, text: string): Edit {
  return put(edit, edit.start, edit.end, text, edit.start + text.length);
}

/** Tab in a list makes it a part of the line above; null where a tab should leave the box, as tabs do. */
export function indent(edit: Edit, deeper: boolean): Edit | null {
  const from = lineStart(edit.text, edit.start);
  const first = edit.text.slice(from, lineEnd(edit.text, from));
  if (!bulletLine.test(first) && !numberLine.test(first)) return null;
  return renumber(
    eachLine(edit, (line) => {
      if (deeper) return line === '' ? line : indentBy + line;
      return line.replace(/^(?: {1,3}|\t)/, '');
    }),
  );
}

/** Enter continues a list or quote, and ends it on an empty item; null where Enter is only Enter. */
export function newline(edit: Edit): Edit | null {
  const { text, start, end } = edit;
  const from = lineStart(text, start);
  const before = text.slice(from, start);
  const rest = text.slice(end, lineEnd(text, end));
  const m = bulletLine.exec(before) ?? numberLine.exec(before) ?? quoteLine.exec(before);
  if (m === null) return null;
  if (before.slice(m[0].length).trim() === '' && rest.trim() === '') return endOfList(edit, from, m[1] ?? '');
  const next = numberLine.test(before)
    ? `${m[1] ?? ''}${Number(m[2]) + 1}${m[3] ?? '.'} `
    : bulletLine.test(before)
      ? `${m[1] ?? ''}${m[2] ?? '-'} ${m[3] === undefined ? '' : '[ ] '}`
      : m[0];
  return renumber(put(edit, start, end, `\n${next}`, start + 1 + next.length));
}

function endOfList(edit: Edit, from: number, space: string): Edit {
  if (space !== '') {
    const up = indent({ ...edit, end: edit.start }, false);
    if (up !== null) return up;
  }
  return put(edit, from, lineEnd(edit.text, edit.end), '', from);
}

/** Numbers the list around the selection again from its first item, deeper lists each by themselves. */
export function renumber(edit: Edit): Edit {
  const { text } = edit;
  let from = lineStart(text, edit.start);
  const isPart = (line: string) => numberLine.test(line) || (/^\s+\S/.test(line) && line.trim() !== '');
  while (from > 0 && isPart(text.slice(lineStart(text, from - 1), from - 1)))
    from = lineStart(text, from - 1);
  let to = lineEnd(text, from);
  while (to < text.length && isPart(text.slice(to + 1, lineEnd(text, to + 1)))) to = lineEnd(text, to + 1);
  const counters: { depth: number; n: number }[] = [];
  let { start, end } = edit;
  let at = from;
  const lines = text
    .slice(from, to)
    .split('\n')
    .map((line) => {
      const next = numbered(line, counters);
      const grown = next.length - line.length;
      if (start > at) start += grown;
      if (end > at) end += grown;
      at += next.length + 1;
      return next;
    });
  return { text: text.slice(0, from) + lines.join('\n') + text.slice(to), start, end };
}

function numbered(line: string, counters: { depth: number; n: number }[]): string {
  const m = numberLine.exec(line);
  if (m === null) return line;
  const depth = (m[1] ?? '').length;
  while ((counters.at(-1)?.depth ?? -1) > depth) counters.pop();
  const top = counters.at(-1);
  if (top?.depth === depth) top.n++;
  else counters.push({ depth, n: counters.length === 0 ? Number(m[2]) : 1 });
  return `${m[1] ?? ''}${counters.at(-1)?.n ?? 1}${m[3] ?? '.'} ${line.slice(m[0].length)}`;
}

/** Offsets of a line that begins at 1; past the end it is the last one. */
export function lineRange(text: string, line: number): [number, number] {
  let from = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', from);
    if (next === -1) break;
    from = next + 1;
  }
  return [from, lineEnd(text, from)];
}
