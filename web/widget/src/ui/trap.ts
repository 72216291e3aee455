/**
 * Keeps the focus within a dialog while it is there, closes it with Escape (and nothing around it), and
 * gives the focus back to whatever had it.
 */
export function trap(onclose: () => void): (dialog: HTMLElement) => () => void {
  return (dialog) => {
    const before = document.activeElement;
    const inside = () =>
      [...dialog.querySelectorAll<HTMLElement>('button, a[href], input, textarea')].filter(
        (e) => !e.hasAttribute('disabled') && e.tabIndex >= 0,
      );
    const onkeydown = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      if (event.key === 'Escape') {
        event.stopPropagation();
        onclose();
      }
      if (event.key !== 'Tab') return;
      const all = inside();
      const [first, last] = [all[0], all[all.length - 1]];
      const { activeElement: now } = document;
      const out = event.shiftKey ? now === first || now === dialog : now === last;
      if (!out && dialog.contains(now)) return;
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    };
    dialog.addEventListener('keydown', onkeydown);
    (dialog.querySelector<HTMLElement>('[data-first]') ?? inside()[0] ?? dialog).focus();
    return () => {
      dialog.removeEventListener('keydown', onkeydown);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  };
}
