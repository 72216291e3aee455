// What all forms and both spellings of an English word have in common: a port of Go's internal/terms and of
// the Snowball English stemmer that it uses (https://snowballstem.org/algorithms/english/stemmer.html).
import { specialStems, spellings } from './tables';

const pairsOf = (text: string) => {
  const words = text.split(' ');
  const table = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) table.set(words[i] as string, words[i + 1] as string);
  return table;
};
const british = pairsOf(spellings);
const special = pairsOf(specialStems);

/** The stem of a folded word. Only words of plain letters are touched, so that no address or id changes. */
export function stem(word: string): string {
  return /^[a-z]{3,24}$/.test(word) ? english(american(word)) : word;
}

const endings = ['e', 'ed', 'es', 'er', 'ers', 'ing', 'ation', 'ations'];
const ourEndings = ['our', 'ours', 'oured', 'ouring', 'ourite', 'ourites'];

function american(word: string): string {
  const known = british.get(word);
  if (known !== undefined) return known;
  if (word.length < 6) return word;
  for (const end of endings) {
    const root = word.slice(0, -end.length);
    if (!word.endsWith(end) || root.length < 4) continue;
    if (root.endsWith('is') || root.endsWith('ys')) return `${root.slice(0, -1)}z${end}`;
    if (root.endsWith('ell') && root.length >= 6 && /[aeiou]/.test(root.slice(0, -3)))
      return root.slice(0, -1) + end;
  }
  for (const end of ourEndings) {
    const root = word.slice(0, -end.length);
    if (word.endsWith(end) && root.length > 2) return `${root}or${end.slice(3)}`;
  }
  return word.length >= 7 ? word.replace(/ae/g, 'e').replace(/oe/g, 'e') : word;
}

const vowel = (c: string | undefined) => c !== undefined && c !== '' && 'aeiouy'.includes(c);

/** The word on its way, with the regions R1 and R2 of the algorithm. */
interface Stemming {
  word: string;
  r1: number;
  r2: number;
}

/** Cuts n letters and adds others; the regions never reach beyond the word. */
function replace(w: Stemming, n: number, by: string): void {
  w.word = w.word.slice(0, w.word.length - n) + by;
  w.r1 = Math.min(w.r1, w.word.length);
  w.r2 = Math.min(w.r2, w.word.length);
}

/** The first of suffixes that the word ends with. */
const suffixOf = (w: Stemming, suffixes: readonly string[]) => suffixes.find((s) => w.word.endsWith(s)) ?? '';

/** Where the region after the first non-vowel that follows a vowel begins. */
function region(word: string, start: number): number {
  for (let i = start + 1; i < word.length; i++) if (vowel(word[i - 1]) && !vowel(word[i])) return i + 1;
  return word.length;
}

function english(word: string): string {
  if (word.length <= 2) return word;
  const exception = special.get(word);
  if (exception !== undefined) return exception;
  let marked = ''; // y as a consonant is written Y
  for (const c of word) marked += c === 'y' && (marked === '' || vowel(marked[marked.length - 1])) ? 'Y' : c;
  const prefix = ['gener', 'commun', 'arsen'].find((p) => marked.startsWith(p));
  const r1 = prefix === undefined ? region(marked, 0) : prefix.length;
  const w: Stemming = { word: marked, r1, r2: region(marked, r1) };
  plural(w);
  past(w);
  const n = w.word.length;
  if (n > 2 && /[yY]$/.test(w.word) && !vowel(w.word[n - 2])) w.word = `${w.word.slice(0, -1)}i`;
  table(w, second);
  table(w, third);
  rest(w);
  last(w);
  return w.word.replace(/Y/g, 'y');
}

function plural(w: Stemming): void {
  const suffix = suffixOf(w, ['sses', 'ied', 'ies', 'us', 'ss', 's']);
  if (suffix === 'sses') replace(w, 4, 'ss');
  else if (suffix === 'ies' || suffix === 'ied') replace(w, 3, w.word.length > 4 ? 'i' : 'ie');
  else if (suffix === 's' && /[aeiouy]/.test(w.word.slice(0, -2))) replace(w, 1, '');
}

function past(w: Stemming): void {
  const suffix = suffixOf(w, ['eedly', 'ingly', 'edly', 'ing', 'eed', 'ed']);
  if (suffix === '') return;
  if (suffix.startsWith('eed')) {
    if (suffix.length <= w.word.length - w.r1) replace(w, suffix.length, 'ee');
    return;
  }
  if (!/[aeiouy]/.test(w.word.slice(0, w.word.length - suffix.length))) return;
  const { r1, r2 } = w;
  replace(w, suffix.length, '');
  const next = suffixOf(w, ['at', 'bl', 'iz', 'bb', 'dd', 'ff', 'gg', 'mm', 'nn', 'pp', 'rr', 'tt']);
  if (next === '') {
    if (w.r1 >= w.word.length && shortEnd(w.word)) {
      w.word += 'e';
      w.r1 = w.r2 = w.word.length;
      return;
    }
  } else if (['at', 'bl', 'iz'].includes(next)) w.word += 'e';
  else replace(w, 1, '');
  w.r1 = Math.min(r1, w.word.length);
  w.r2 = Math.min(r2, w.word.length);
}

/** Whether word ends in a short syllable. */
function shortEnd(word: string): boolean {
  const n = word.length;
  if (n === 2) return vowel(word[0]) && !vowel(word[1]);
  if (n < 3) return false;
  const end = word[n - 1] as string;
  return !vowel(end) && !'wxY'.includes(end) && vowel(word[n - 2]) && !vowel(word[n - 3]);
}

type Rules = readonly (readonly [suffix: string, by: string])[];

const second: Rules = [
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['iveness', 'ive'],
  ['ization', 'ize'],
  ['ousness', 'ous'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['tional', 'tion'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ation', 'ate'],
  ['entli', 'ent'],
  ['fulli', 'ful'],
  ['iviti', 'ive'],
  ['ousli', 'ous'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['alli', 'al'],
  ['ator', 'ate'],
  ['enci', 'ence'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
];

const third: Rules = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['ative', ''],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];

/** Replaces the first suffix of rules that the word ends with, when it lies in R1. */
function table(w: Stemming, rules: Rules): void {
  const rule = rules.find(([suffix]) => w.word.endsWith(suffix));
  if (rule === undefined) return;
  const [suffix, by] = rule;
  const n = w.word.length;
  if (suffix.length > n - w.r1) return;
  if (suffix === 'li' && !'cdeghkmnrt'.includes(w.word[n - 3] ?? '-')) return;
  if (suffix === 'ogi' && w.word[n - 4] !== 'l') return;
  if (suffix === 'ative' && n - w.r2 < 5) return;
  replace(w, suffix.length, by);
}

const fourth = 'ement ance ence able ible ment ent ant ism ate iti ous ive ize ion al er ic'.split(' ');

function rest(w: Stemming): void {
  const suffix = suffixOf(w, fourth);
  const n = w.word.length;
  if (suffix === '' || suffix.length > n - w.r2) return;
  if (suffix === 'ion' && !'st'.includes(w.word[n - 4] ?? '-')) return;
  replace(w, suffix.length, '');
}

function last(w: Stemming): void {
  const at = w.word.length - 1;
  if (w.r1 > at) return;
  if (w.word[at] === 'e') {
    if (w.r2 <= at || !shortEnd(w.word.slice(0, at))) replace(w, 1, '');
  } else if (w.r2 <= at && w.word.endsWith('ll')) replace(w, 1, '');
}
