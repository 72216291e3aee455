/** Marks in the table of contents where the reader is: the last heading above the upper third of the screen. */
export function followReading(nav: HTMLElement): void {
  const links = new Map<Element, HTMLAnchorElement>();
  for (const link of nav.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  const headings = [...links.keys()];
  let current: HTMLAnchorElement | undefined;
  let waiting = false;
  const look = () => {
    waiting = false;
    const line = window.innerHeight / 3;
    const end = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const at = end
      ? headings[headings.length - 1]
      : headings.filter((h) => h.getBoundingClientRect().top <= line).pop();
    const link = links.get(at ?? (headings[0] as Element));
    if (link === current) return;
    current?.removeAttribute('aria-current');
    link?.setAttribute('aria-current', 'location');
    current = link;
  };
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(look);
  };
  if (headings.length === 0) return;
  addEventListener('scroll', soon, { passive: true });
  addEventListener('resize', soon, { passive: true });
  soon();
}
