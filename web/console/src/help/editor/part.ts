import type { EditedArticle, ReadingLocale } from '../../../../sdk';
import type { Editor } from '../editor.svelte';
import type { TextWork } from '../text_work.svelte';

/** What every part of the editor is about: one language's text of an article, and the work on it. */
export interface PartProps {
  editor: Editor;
  article: EditedArticle;
  work: TextWork;
  locale: ReadingLocale;
}
