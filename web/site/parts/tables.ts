function fit(box: Element): void {
  if (box.scrollWidth <= box.clientWidth) box.removeAttribute('tabindex');
  else box.setAttribute('tabindex', '0');
}

/** A table that scrolls must be reachable by keyboard, one that fits must not be a stop on the way. */
export function fitTables(root: ParentNode): void {
  const boxes = root.querySelectorAll('.table');
  boxes.forEach(fit);
  if (!('ResizeObserver' in window)) return;
  const watch = new ResizeObserver((entries) => entries.forEach((e) => fit(e.target)));
  boxes.forEach((box) => watch.observe(box));
}
