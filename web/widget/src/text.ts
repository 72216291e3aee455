import type { Span } from '../../sdk';

/** Text cut at the spans; spans count code points, JavaScript strings count UTF-16 units. */
export function highlight(text: string, spans: readonly Span[]): { text: string; hit: boolean }[] {
  const points = Array.from(text);
  const parts: { text: string; hit: boolean }[] = [];
  let at = 0;
  const push = (end: number, hit: boolean) => {
    if (end > at) parts.push({ text: points.slice(at, end).join(''), hit });
    at = Math.max(at, end);
  };
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    push(Math.min(start, points.length), false);
    push(Math.min(end, points.length), true);
  }
  push(points.length, false);
  return parts;
}

export type Piece =
  { kind: 'text' | 'bold' | 'code'; text: string } | { kind: 'link'; text: string; href: string };

const marks =
  /\*\*(.+?)\*\*|`([^`\n]+)`|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"'，。；）】]+)/g;

/** An agent's Markdown: bold, code and links; everything else stays the text it is. */
export function pieces(body: string): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const m of body.matchAll(marks)) {
    const [all, bold, code, label, target, bare] = m;
    // A full stop at the end of a sentence belongs to the sentence.
    const url = bare?.replace(/[.,;:!?)]+$/, '');
    const length = url ? url.length : all.length;
    if (m.index > at) out.push({ kind: 'text', text: body.slice(at, m.index) });
    if (bold) out.push({ kind: 'bold', text: bold });
    else if (code) out.push({ kind: 'code', text: code });
    else if (target && label) out.push({ kind: 'link', text: label, href: target });
    else if (url) out.push({ kind: 'link', text: url, href: url });
    at = m.index + length;
  }
  if (at < body.length) out.push({ kind: 'text', text: body.slice(at) });
  return out;
}

/** Text cut around transaction ids and addresses: every second part is one. */
export const byHash = (text: string) => text.split(/(\b\w{24,}\b)/);
