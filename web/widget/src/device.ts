/**
 * A mouse or trackpad, and so a keyboard: Return sends, and the text field may take the focus. On a
 * phone Return makes a new line, as in every messages app there, and focus would raise the keyboard.
 */
export const finePointer = window.matchMedia('(hover: hover) and (pointer: fine)').matches;
