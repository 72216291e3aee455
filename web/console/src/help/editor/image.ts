import type { HelpCatalogue } from '../words.svelte';

export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const largest = 10 * 1024 * 1024;

/** What keeps a file from being an image of an article, in words; '' when nothing does. */
export function imageTrouble(file: { type: string; size: number }, h: HelpCatalogue): string {
  if (!imageTypes.includes(file.type)) return h.image.wrongType;
  return file.size > largest ? h.image.tooLarge : '';
}

/** An image in Markdown; brackets in its description would end it. */
export function imageMarkdown(alt: string, url: string): string {
  return `![${alt
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[[\]\\]/g, '\\$&')}](${url})`;
}
