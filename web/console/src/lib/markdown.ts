// The small Markdown that agents may use, read into a tree that a component renders as text nodes and a few
// elements. Nothing here, and nothing that renders it, ever builds HTML from a string.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'em'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] };

export type Block =
  | { kind: 'paragraph'; lines: Inline[][] }
  | { kind: 'quote'; lines: Inline[][] }
  | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] }
  | { kind: 'code'; text: string };

const maxDepth = 4;

/** Only these may be linked; anything else stays the text that was written. */
export function safeHref(raw: string): string | null {
  if (!/^(https?:\/\/|mailto:)/i.test(raw)) return null;
  try {
    const url = new URL(raw);
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// In order: code, [text](href), **strong**, *em* or _em_, a bare address. Full-width punctuation ends a bare address,
// because Chinese writers put no space after it.
const inlinePattern =
  /`([^`\n]+)`|\[([^\]\n]{1,300})\]\(([^()\s]{1,2000})\)|\*\*([^*\n]+(?:\*[^*\n]+)*)\*\*|(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?!\w)|(?<![\w_])_([^_\s](?:[^_\n]*[^_\s])?)_(?!\w)|(https?:\/\/[^\s<>"'`\u3000-\u303f\uff01-\uff0c\uff1a-\uff1f]+)/g;

function trimAddress(raw: string): string {
  let end = raw.length;
  while (end > 0 && '.,;:!?'.includes(raw.charAt(end - 1))) end--;
  if (raw.charAt(end - 1) === ')' && !raw.slice(0, end).includes('(')) end--;
  return raw.slice(0, end);
}

/** Reads one line. */
export function inline(line: string, depth = 0): Inline[] {
  if (depth >= maxDepth) return [{ kind: 'text', text: line }];
  const out: Inline[] = [];
  let at = 0;
  const text = (s: string) => {
    if (s !== '') out.push({ kind: 'text', text: s });
  };
  const pattern = new RegExp(inlinePattern);
  for (let m = pattern.exec(line); m !== null; m = pattern.exec(line)) {
    const node = nodeOf(m, depth);
    if (node === null) continue;
    text(line.slice(at, m.index));
    out.push(node.node);
    at = m.index + node.length;
    pattern.lastIndex = at;
  }
  text(line.slice(at));
  return out;
}

function nodeOf(m: RegExpExecArray, depth: number): { node: Inline; length: number } | null {
  const [whole, code, label, target, strong, star, underscore, bare] = m;
  if (code !== undefined) return { node: { kind: 'code', text: code }, length: whole.length };
  if (label !== undefined && target !== undefined) {
    const href = safeHref(target);
    if (href === null) return null;
    return { node: { kind: 'link', href, children: [{ kind: 'text', text: label }] }, length: whole.length };
  }
  if (strong !== undefined)
    return { node: { kind: 'strong', children: inline(strong, depth + 1) }, length: whole.length };
  const em = star ?? underscore;
  if (em !== undefined)
    return { node: { kind: 'em', children: inline(em, depth + 1) }, length: whole.length };
  if (bare !== undefined) {
    const address = trimAddress(bare);
    const href = safeHref(address);
    if (href === null) return null;
    return {
      node: { kind: 'link', href, children: [{ kind: 'text', text: address }] },
      length: address.length,
    };
  }
  return null;
}

const bullet = /^\s{0,3}[-*+]\s+(.+)$/;
// "1.5 BTC" begins a sentence, not a list: a point needs a space after it. The Chinese comma (U+3001) needs none.
const ordered = /^\s{0,3}(\d{1,4})(?:[.)]\s+|\u3001\s*)(.+)$/;
const quoted = /^>\s?(.*)$/;

/** Reads a whole message body. */
export function blocks(body: string): Block[] {
  const lines = body.replace(/\r\n?/g, '\n').split('\n');
  const out: Block[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? '';
    if (line.trim() === '') {
      i++;
    } else if (line.trim().startsWith('```')) {
      const end = lines.findIndex((l, j) => j > i && l.trim() === '```');
      const stop = end === -1 ? lines.length : end;
      out.push({ kind: 'code', text: lines.slice(i + 1, stop).join('\n') });
      i = stop + 1;
    } else {
      i = runOf(lines, i, out);
    }
  }
  return out;
}

function kindOf(line: string): 'list' | 'ordered' | 'quote' | 'paragraph' | 'end' {
  if (line.trim() === '' || line.trim().startsWith('```')) return 'end';
  if (bullet.test(line)) return 'list';
  if (ordered.test(line)) return 'ordered';
  return quoted.test(line) ? 'quote' : 'paragraph';
}

/** Takes the lines of one kind that follow each other. */
function runOf(lines: string[], from: number, out: Block[]): number {
  const kind = kindOf(lines[from] ?? '');
  let to = from;
  while (to < lines.length && kindOf(lines[to] ?? '') === kind) to++;
  const run = lines.slice(from, to);
  switch (kind) {
    case 'list':
      out.push({
        kind: 'list',
        ordered: false,
        start: 1,
        items: run.map((l) => inline(bullet.exec(l)?.[1] ?? l)),
      });
      break;
    case 'ordered':
      out.push({
        kind: 'list',
        ordered: true,
        start: Number(ordered.exec(run[0] ?? '')?.[1] ?? 1),
        items: run.map((l) => inline(ordered.exec(l)?.[2] ?? l)),
      });
      break;
    case 'quote':
      out.push({ kind: 'quote', lines: run.map((l) => inline(quoted.exec(l)?.[1] ?? l)) });
      break;
    default:
      out.push({ kind: 'paragraph', lines: run.map((l) => inline(l)) });
  }
  return to;
}
