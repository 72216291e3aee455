// Words and characters of a text: a port of token.go and split.go of Go's internal/terms.
import { foldKey, invisible, utf8Length, type Simplified } from './fold';

const maxWord = 96; // bytes

/** A word or one CJK character; offsets are those of JavaScript strings. */
export interface Token {
  start: number;
  end: number;
  /** Folded; of a word what is written, not the stem. */
  key: string;
  cjk: boolean;
  /** Nothing but a joiner ("-", "_", ".", "&") stands between it and the token before it. */
  joined: boolean;
}

const enum Class {
  separator,
  letter,
  digit,
  ideograph,
  attached,
}

const east =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u30fc]/u;
const known = new Map<number, Class>();

function classOf(r: number): Class {
  if (r < 0x80) {
    if ((r | 0x20) >= 0x61 && (r | 0x20) <= 0x7a) return Class.letter;
    return r >= 0x30 && r <= 0x39 ? Class.digit : Class.separator;
  }
  if (r >= 0x4e00 && r <= 0x9fff) return Class.ideograph;
  let found = known.get(r);
  if (found === undefined) {
    found = rareClass(r);
    known.set(r, found);
  }
  return found;
}

function rareClass(r: number): Class {
  if ((r >= 0x3000 && r <= 0x3004) || (r >= 0x3008 && r <= 0x3020) || (r >= 0xff01 && r <= 0xff0f))
    return Class.separator;
  if (r === 0x30fb) return Class.separator;
  const c = String.fromCodePoint(r);
  if (east.test(c)) return /\p{L}/u.test(c) ? Class.ideograph : Class.separator;
  if (invisible(r) || /\p{M}/u.test(c)) return Class.attached;
  if (/\p{L}/u.test(c)) return Class.letter;
  return /\p{N}/u.test(c) ? Class.digit : Class.separator;
}

const classAt = (text: string, at: number) => {
  const r = text.codePointAt(at);
  return r === undefined ? Class.separator : classOf(r);
};
const sizeAt = (text: string, at: number) => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** The words and CJK characters of text, in order. */
export function tokens(text: string, simplified: Simplified): Token[] {
  const all: Token[] = [];
  let lastEnd = -1;
  for (let at = 0; at < text.length;) {
    const kind = classAt(text, at);
    if (kind === Class.letter || kind === Class.digit) {
      let end = wordEnd(text, at);
      let key = wordKey(text.slice(at, end));
      if (key !== '') {
        const sign = signBehind(text, end, key);
        key += sign;
        end += sign.length;
        all.push({ start: at, end, key, cjk: false, joined: joiner(text, lastEnd, at) });
      }
      at = lastEnd = end;
    } else if (kind === Class.ideograph) {
      let end = at + sizeAt(text, at);
      while (end < text.length && classAt(text, end) === Class.attached) end += sizeAt(text, end);
      for (const key of characterKeys(text.slice(at, end), simplified))
        all.push({ start: at, end, key, cjk: true, joined: false });
      at = end;
    } else at += sizeAt(text, at);
  }
  return all;
}

function characterKeys(text: string, simplified: Simplified): string[] {
  const keys: string[] = [];
  for (const c of foldKey(text)) {
    const form = simplified.get(c) ?? c;
    const kind = classOf(c.codePointAt(0) as number);
    if (form !== c || (kind !== Class.separator && kind !== Class.attached)) keys.push(form);
  }
  return keys;
}

function wordEnd(text: string, start: number): number {
  let at = start;
  let numeric = true; // digits so far, perhaps behind one letter: 1.2, v1.2.3
  let previous = Class.separator;
  while (at < text.length) {
    const kind = classAt(text, at);
    const size = sizeAt(text, at);
    if (kind === Class.letter) {
      numeric = at === start;
      previous = kind;
    } else if (kind === Class.digit) previous = kind;
    else if (kind !== Class.attached && !joins(text, at, size, numeric, previous)) break;
    at += size;
  }
  return at;
}

function joins(text: string, at: number, size: number, numeric: boolean, previous: Class): boolean {
  const next = classAt(text, at + size);
  switch (text[at]) {
    case '.':
      return numeric && previous === Class.digit && next === Class.digit;
    case ',':
      return numeric && previous === Class.digit && /^\d{3}(?!\d)/.test(text.slice(at + 1, at + 5));
    case "'":
    case '’':
      return previous === Class.letter && next === Class.letter;
  }
  return false;
}

/** The "++" of "c++" and the "#" of "c#". */
function signBehind(text: string, end: number, key: string): string {
  if (key.length !== 1 || key > '\x7f') return '';
  for (const sign of ['++', '#'])
    if (text.startsWith(sign, end) && classAt(text, end + sign.length) === Class.separator) return sign;
  return '';
}

const joiner = (text: string, from: number, to: number) =>
  from >= 0 && to - from === 1 && '-_.&'.includes(text[from] as string);

function wordKey(word: string): string {
  let key = foldKey(word);
  if (/[,'’]/.test(key)) key = key.replace(/’/g, "'").replace(/'s$/, '').replace(/[,']/g, '');
  if (key.length * 3 <= maxWord || utf8Length(key) <= maxWord) return key;
  let bytes = 0;
  let cut = '';
  for (const c of key) {
    bytes += utf8Length(c);
    if (bytes > maxWord) break;
    cut += c;
  }
  return cut;
}

const maxParts = 5; // what has more is no name but a key or a hash

/** What a word is put together from, in lower case: "getUserName", "iphone13". Nothing when it is one piece. */
export function parts(word: string): string[] {
  if (!/^[A-Za-z0-9]*$/.test(word)) return [];
  const pieces: string[] = [];
  let start = 0;
  for (let i = 1; i < word.length; i++) {
    const a = asciiClass(word.charCodeAt(i - 1));
    const b = asciiClass(word.charCodeAt(i));
    if (a === b || (a === 'A' && b === 'a') || i - start < 2 || word.length - i < 2) continue;
    pieces.push(word.slice(start, i).toLowerCase());
    start = i;
  }
  if (start === 0) return [];
  pieces.push(word.slice(start).toLowerCase());
  return pieces.length > maxParts ? [] : pieces;
}

const asciiClass = (c: number) => (c >= 0x61 ? 'a' : c >= 0x41 ? 'A' : '0');

/** Whether nothing stands between two tokens. */
export const touches = (t: Token, next: Token) => t.end === next.start || t.start === next.start;
