// What changed between two texts, by line, and by word within lines that changed. The method is E. W. Myers, "An O(ND)
// difference algorithm and its variations", Algorithmica 1 (1986), in its greedy form.

export type Op = 'same' | 'removed' | 'added';

export interface Step {
  op: Op;
  /** Position in the first sequence (same, removed) and in the second (same, added). */
  a: number;
  b: number;
}

/** Beyond this many differences the middle counts as replaced as a whole: a person would not read them one by one. */
const limit = 1500;

/** The shortest way from `a` to `b`, in order; removals come before the additions that replace them. */
export function steps(a: readonly string[], b: readonly string[]): Step[] {
  let from = 0;
  while (from < a.length && from < b.length && a[from] === b[from]) from++;
  let endA = a.length;
  let endB = b.length;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const out: Step[] = [];
  for (let i = 0; i < from; i++) out.push({ op: 'same', a: i, b: i });
  out.push(...middle(a, b, from, endA, endB));
  for (let i = 0; endA + i < a.length; i++) out.push({ op: 'same', a: endA + i, b: endB + i });
  return removalsFirst(out);
}

function middle(a: readonly string[], b: readonly string[], from: number, endA: number, endB: number) {
  const n = endA - from;
  const m = endB - from;
  const trace = search(a, b, from, n, m);
  if (trace === null) return replaced(from, n, m);
  const out: Step[] = [];
  let x = n;
  let y = m;
  for (let d = trace.length - 1; d >= 0; d--) {
    const v = trace[d] ?? new Int32Array(0);
    const at = (k: number) => v[k + d + 1] ?? -1;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const beforeK = down ? k + 1 : k - 1;
    const beforeX = d === 0 ? 0 : at(beforeK);
    const beforeY = d === 0 ? 0 : beforeX - beforeK;
    while (x > beforeX && y > beforeY && x > 0 && y > 0) {
      x--;
      y--;
      out.push({ op: 'same', a: from + x, b: from + y });
    }
    if (d === 0) break;
    if (down) {
      y--;
      out.push({ op: 'added', a: from + x, b: from + y });
    } else {
      x--;
      out.push({ op: 'removed', a: from + x, b: from + y });
    }
  }
  return out.reverse();
}

/** The furthest reach on every diagonal, before each number of differences; null beyond the limit. */
function search(a: readonly string[], b: readonly string[], from: number, n: number, m: number) {
  const trace: Int32Array[] = [];
  let v = new Int32Array(3).fill(0);
  for (let d = 0; d <= Math.min(n + m, limit); d++) {
    trace.push(v);
    const next = new Int32Array(2 * d + 5).fill(-1);
    for (let k = -d; k <= d; k += 2) {
      const left = v[k - 1 + d + 1] ?? -1;
      const right = v[k + 1 + d + 1] ?? -1;
      let x = d === 0 ? 0 : k === -d || (k !== d && left < right) ? right : left + 1;
      let y = x - k;
      while (x < n && y < m && a[from + x] === b[from + y]) {
        x++;
        y++;
      }
      next[k + d + 2] = x;
      if (k === n - m && x >= n) return trace;
    }
    v = next;
  }
  return null;
}

function replaced(from: number, n: number, m: number): Step[] {
  const out: Step[] = [];
  for (let i = 0; i < n; i++) out.push({ op: 'removed', a: from + i, b: from });
  for (let i = 0; i < m; i++) out.push({ op: 'added', a: from + n, b: from + i });
  return out;
}

function removalsFirst(list: readonly Step[]): Step[] {
  const out: Step[] = [];
  let held: Step[] = [];
  for (const step of list) {
    if (step.op === 'added') held.push(step);
    else if (step.op === 'removed') out.push(step);
    else {
      out.push(...held, step);
      held = [];
    }
  }
  return [...out, ...held];
}

/* ---- for people ---- */

export interface Piece {
  text: string;
  /** True for words that the other side has not. */
  changed: boolean;
}

export interface Line {
  op: Op;
  /** From 1; 0 where the line does not exist on that side. */
  before: number;
  after: number;
  pieces: Piece[];
}

/** Words, single Chinese characters, blanks and signs. */
export function words(line: string): string[] {
  return line.match(/\p{Script=Han}|[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}\s]/gu) ?? [];
}

export function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\r\n?/g, '\n').split('\n');
}

/** Every line of both texts, in order, with the changed words of lines that were rewritten. */
export function compare(before: string, after: string): Line[] {
  const a = splitLines(before);
  const b = splitLines(after);
  const out: Line[] = [];
  const list = steps(a, b);
  for (let i = 0; i < list.length;) {
    const step = list[i] as Step;
    if (step.op === 'same') {
      out.push({ op: 'same', before: step.a + 1, after: step.b + 1, pieces: plain(a[step.a] ?? '') });
      i++;
      continue;
    }
    let to = i;
    while (to < list.length && list[to]?.op !== 'same') to++;
    out.push(...rewritten(list.slice(i, to), a, b));
    i = to;
  }
  return out;
}

function plain(text: string, changed = false): Piece[] {
  return [{ text, changed }];
}

function rewritten(run: readonly Step[], a: readonly string[], b: readonly string[]): Line[] {
  const removed = run.filter((s) => s.op === 'removed');
  const added = run.filter((s) => s.op === 'added');
  const left = removed.map((s) => plain(a[s.a] ?? ''));
  const right = added.map((s) => plain(b[s.b] ?? ''));
  for (let i = 0; i < Math.min(removed.length, added.length); i++) {
    const pair = withinLine(a[removed[i]?.a ?? 0] ?? '', b[added[i]?.b ?? 0] ?? '');
    if (pair !== null) [left[i], right[i]] = pair;
  }
  return [
    ...removed.map((s, i): Line => ({ op: 'removed', before: s.a + 1, after: 0, pieces: left[i] ?? [] })),
    ...added.map((s, i): Line => ({ op: 'added', before: 0, after: s.b + 1, pieces: right[i] ?? [] })),
  ];
}

/** The changed words of two lines; null when they have too little in common to be the same line. */
export function withinLine(before: string, after: string): [Piece[], Piece[]] | null {
  const a = words(before);
  const b = words(after);
  const list = steps(a, b);
  const kept = list.filter((s) => s.op === 'same').reduce((sum, s) => sum + (a[s.a] ?? '').length, 0);
  if (kept * 3 < Math.max(before.length, after.length)) return null;
  const side = (wanted: Op, text: (s: Step) => string) => {
    const out: Piece[] = [];
    for (const s of list) {
      if (s.op !== 'same' && s.op !== wanted) continue;
      const last = out.at(-1);
      if (last?.changed === (s.op === wanted)) last.text += text(s);
      else out.push({ text: text(s), changed: s.op === wanted });
    }
    return out;
  };
  return [side('removed', (s) => a[s.a] ?? ''), side('added', (s) => b[s.b] ?? '')];
}

export type Shown = { kind: 'line'; line: Line } | { kind: 'gap'; count: number };

/** Leaves out what is far from any change; a gap says how many lines it stands for. */
export function nearChanges(lines: readonly Line[], context = 3): Shown[] {
  const near = new Uint8Array(lines.length);
  lines.forEach((line, i) => {
    if (line.op !== 'same') near.fill(1, Math.max(0, i - context), i + context + 1);
  });
  const out: Shown[] = [];
  lines.forEach((line, i) => {
    const last = out.at(-1);
    if (near[i] === 1) out.push({ kind: 'line', line });
    else if (last?.kind === 'gap') last.count++;
    else out.push({ kind: 'gap', count: 1 });
  });
  return out;
}

export function countChanges(lines: readonly Line[]): { removed: number; added: number } {
  const of = (op: Op) => lines.filter((l) => l.op === op).length;
  return { removed: of('removed'), added: of('added') };
}
