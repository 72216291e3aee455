import type { Edit } from '../markdown_edit';

/** Reads what stands in a box. */
export function read(box: HTMLTextAreaElement): Edit {
  return { text: box.value, start: box.selectionStart, end: box.selectionEnd };
}

/** Puts an edit on screen by replacing only what differs, so that the browser's own undo knows the step. */
export function write(box: HTMLTextAreaElement, edit: Edit): void {
  const old = box.value;
  let from = 0;
  while (from < old.length && from < edit.text.length && old[from] === edit.text[from]) from++;
  let tail = 0;
  while (
    tail < old.length - from &&
    tail < edit.text.length - from &&
    old[old.length - 1 - tail] === edit.text[edit.text.length - 1 - tail]
  )
    tail++;
  const insert = edit.text.slice(from, edit.text.length - tail);
  box.focus();
  if (old !== edit.text) {
    box.setSelectionRange(from, old.length - tail);
    // Deprecated, and still the only way to change a text area within its undo history.
    const done =
      insert === '' ? document.execCommand('delete') : document.execCommand('insertText', false, insert);
    if (!done || box.value !== edit.text) {
      box.value = edit.text;
      box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
  }
  box.setSelectionRange(edit.start, edit.end);
}

const copied = [
  'font',
  'letterSpacing',
  'paddingTop',
  'paddingLeft',
  'paddingRight',
  'lineHeight',
  'tabSize',
] as const;

/** Pixels from the top of the text to a position, wrapped lines counted, by laying the text out once more unseen. */
export function topOf(box: HTMLTextAreaElement, offset: number): number {
  const mirror = document.createElement('div');
  const style = getComputedStyle(box);
  for (const name of copied) mirror.style[name] = style[name];
  Object.assign(mirror.style, {
    position: 'absolute',
    visibility: 'hidden',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'break-word',
    width: `${box.clientWidth}px`,
    boxSizing: 'border-box',
    top: '0',
  });
  const mark = document.createElement('span');
  mark.textContent = '\u200b';
  mirror.append(box.value.slice(0, offset), mark);
  document.body.append(mirror);
  const top = mark.offsetTop;
  mirror.remove();
  return top;
}
