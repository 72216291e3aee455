// Text copied from a web page or a word processor, as the Markdown that it means. Only what articles can say survives.

const blockTags = new Set(
  'P DIV SECTION ARTICLE HEADER FOOTER MAIN ASIDE FIGURE H1 H2 H3 H4 H5 H6 UL OL LI TABLE PRE BLOCKQUOTE HR DL DT DD'.split(
    ' ',
  ),
);

/** True when the copied page has structure that plain text would lose. Code editors copy coloured spans: those have none. */
export function worthConverting(doc: Document): boolean {
  return (
    doc.body.querySelector('h1,h2,h3,h4,ul,ol,table,a[href],strong,em,b:not([id]),i,blockquote') !== null
  );
}

export function toMarkdown(doc: Document): string {
  return blocks(doc.body)
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function isBlock(node: Node): node is Element {
  return node instanceof Element || isElement(node) ? blockTags.has((node as Element).tagName) : false;
}
function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}

function blocks(parent: Node): string[] {
  const out: string[] = [];
  let run: Node[] = [];
  const flush = () => {
    const text = tidy(run.map(inline).join(''));
    if (text !== '') out.push(text);
    run = [];
  };
  for (const node of parent.childNodes) {
    if (!isBlock(node) && !(isElement(node) && holdsBlocks(node))) {
      run.push(node);
      continue;
    }
    flush();
    out.push(...blockOf(node));
  }
  flush();
  return out;
}

function holdsBlocks(element: Element): boolean {
  return Array.from(element.querySelectorAll('*')).some((e) => blockTags.has(e.tagName));
}

function blockOf(element: Element): string[] {
  switch (element.tagName) {
    case 'H1':
    case 'H2':
      return headed('##', element);
    case 'H3':
    case 'H4':
    case 'H5':
    case 'H6':
      return headed('###', element);
    case 'UL':
    case 'OL':
      return [listOf(element, 0)];
    case 'PRE':
      return [`\`\`\`\n${(element.textContent ?? '').replace(/\n$/, '')}\n\`\`\``];
    case 'BLOCKQUOTE':
      return [
        blocks(element)
          .join('\n\n')
          .split('\n')
          .map((l) => `> ${l}`.trimEnd())
          .join('\n'),
      ];
    case 'TABLE':
      return [tableOf(element)];
    case 'HR':
      return ['---'];
    default:
      return blocks(element);
  }
}

function headed(sign: string, element: Element): string[] {
  const text = tidy(Array.from(element.childNodes, inline).join('')).replace(/\*\*/g, '').replace(/\n/g, ' ');
  return text === '' ? [] : [`${sign} ${text}`];
}

function listOf(element: Element, depth: number): string {
  const ordered = element.tagName === 'OL';
  const lines: string[] = [];
  let n = 0;
  for (const item of element.children) {
    if (item.tagName === 'UL' || item.tagName === 'OL') {
      lines.push(listOf(item, depth + 1));
      continue;
    }
    n++;
    const own: Node[] = [];
    const nested: Element[] = [];
    for (const node of item.childNodes) {
      if (isElement(node) && (node.tagName === 'UL' || node.tagName === 'OL')) nested.push(node);
      else own.push(node);
    }
    const text = tidy(own.map(inline).join('')).replace(/\s*\n\s*/g, ' ');
    lines.push(`${'   '.repeat(depth)}${ordered ? `${n}.` : '-'} ${text}`);
    for (const list of nested) lines.push(listOf(list, depth + 1));
  }
  return lines.join('\n');
}

function tableOf(element: Element): string {
  const rows = Array.from(element.querySelectorAll('tr'), (row) =>
    Array.from(row.children, (cell) =>
      tidy(Array.from(cell.childNodes, inline).join(''))
        .replace(/\s*\n\s*/g, ' ')
        .replace(/\|/g, '\\|'),
    ),
  ).filter((cells) => cells.length > 0);
  const width = Math.max(0, ...rows.map((r) => r.length));
  if (width === 0) return '';
  const line = (cells: readonly string[]) =>
    `| ${Array.from({ length: width }, (_, i) => cells[i] ?? '').join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `|${'---|'.repeat(width)}`, ...rest.map(line)].join('\n');
}

function inline(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return escape((node.textContent ?? '').replace(/\s+/g, ' '));
  if (!isElement(node)) return '';
  const inner = () => Array.from(node.childNodes, inline).join('');
  switch (node.tagName) {
    case 'SCRIPT':
    case 'STYLE':
    case 'TEMPLATE':
    case 'HEAD':
    case 'IMG':
      return '';
    case 'BR':
      return '\n';
    case 'STRONG':
    case 'B':
      return light(node) ? inner() : around(inner(), '**');
    case 'EM':
    case 'I':
      return around(inner(), '*');
    case 'CODE':
      return around(node.textContent ?? '', '`');
    case 'A':
      return linked(node.getAttribute('href') ?? '', inner());
    default:
      return blockTags.has(node.tagName) ? `\n${inner()}\n` : inner();
  }
}

/** Google Docs wraps everything it copies in a <b> of normal weight. */
function light(element: Element): boolean {
  return /font-weight:\s*(normal|400)/.test(element.getAttribute('style') ?? '');
}

function around(text: string, sign: string): string {
  const m = /^(\s*)([\s\S]*?)(\s*)$/.exec(text);
  const inner = m?.[2] ?? '';
  return inner === '' ? text : `${m?.[1] ?? ''}${sign}${inner}${sign}${m?.[3] ?? ''}`;
}

function linked(href: string, text: string): string {
  const label = text.trim();
  if (!/^(https:\/\/|mailto:)/i.test(href) || label === '') return text;
  return `[${label.replace(/\n/g, ' ')}](${/[\s()]/.test(href) ? `<${href}>` : href})`;
}

function escape(text: string): string {
  return text.replace(/([\\`*_[\]])/g, '\\$1').replace(/<(?=[a-z/!])/gi, '\\<');
}

function tidy(text: string): string {
  return text
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ *\n */g, '\n')
    .replace(/\n{2,}/g, '\n')
    .trim();
}
