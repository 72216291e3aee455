import { stopCharacters, stopWords } from './tables';
import type { Token } from './token';

const words = new Set(stopWords.split(' '));
const characters = new Set(stopCharacters);

/** Whether questions are made of this word, whatever they ask. */
export const stopWord = (key: string) => words.has(key);

/** The same for a word or CJK character of a text; of a longer key its first character decides. */
export const stops = (t: Token) =>
  t.cjk ? characters.has(String.fromCodePoint(t.key.codePointAt(0) ?? 0)) : stopWord(t.key);
