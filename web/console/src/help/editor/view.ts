/** What the editor shows: the words, the page they make, or both. */
export type Show = 'write' | 'split' | 'preview';
