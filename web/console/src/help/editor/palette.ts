import type { ReadingLocale } from '../../../../sdk';
import { command, type Command } from '../../lib/commands';
import { articlePath, readingLocales } from '../../lib/help';
import { router } from '../../lib/router.svelte';
import type { Editor } from '../editor.svelte';
import { words } from '../words.svelte';
import type { Show } from './view';

interface Place {
  editor: Editor;
  locale: ReadingLocale;
  setShow: (show: Show) => void;
  toggleSide: () => void;
}

/** What the palette offers while an article is open. */
export function editorCommands({ editor, locale, setShow, toggleSide }: Place): Command[] {
  const h = words.t;
  const go = (path: string) => () => {
    router.go(path);
  };
  return [
    command('area', 'article:save', h.save.now, () => void editor.work(locale)?.save()),
    ...(['write', 'split', 'preview'] as const).map((show) =>
      command('area', `article:${show}`, h.editor[show], () => {
        router.go(articlePath(editor.id, locale));
        setShow(show);
      }),
    ),
    command('area', 'article:details', h.editor.details, toggleSide),
    command('area', 'article:versions', h.versions.title, go(articlePath(editor.id, locale, 'versions'))),
    ...readingLocales
      .filter((l) => l !== locale)
      .map((l) => command('area', `article:${l}`, h.locales[l], go(articlePath(editor.id, l)))),
  ];
}
