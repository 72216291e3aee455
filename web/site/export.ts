// The script of exported pages. Every page works without it; it leads from the front page to the reader's language,
// switches the theme, and sends searches to the search page without a server seeing them.
import { closeMenu } from './parts/menu';
import { dismissNotices } from './parts/notices';
import { followReading } from './parts/toc';
import { keepTheme } from './exported/theme';
import { frontFor } from './exported/front';
import { hashFor } from './exported/page';

type Veridesk = (command: string, options?: { scenario?: string; theme?: string }) => void;
const chat = () => (window as Window & { Veridesk?: Veridesk }).Veridesk;

const front = document.documentElement.dataset['front'];
if (front) {
  const locale = frontFor(front.split(' '), navigator.languages ?? [navigator.language]);
  if (locale !== document.documentElement.lang) location.replace(`${locale}/index.html`);
}

keepTheme((theme) => chat()?.('boot', { theme }));

for (const form of document.querySelectorAll<HTMLFormElement>('form[role=search]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const query = form.querySelector('input')?.value.trim() ?? '';
    const page = new URL(form.action);
    page.hash = query === '' ? '' : hashFor(query);
    location.assign(page.href);
  });
}

dismissNotices(document);
for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu')) closeMenu(menu);
for (const nav of document.querySelectorAll<HTMLElement>('nav.toc')) followReading(nav);

document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLElement>('[data-chat]');
  const open = chat();
  // Without the loader (the desk is down, or refuses this page) the link leads to the chat's own page.
  if (!link || !open || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const scenario = link.dataset['chat'];
  open('open', scenario ? { scenario } : {});
});

// A table that scrolls must be reachable by keyboard, one that fits must not be a stop on the way.
const fit = (box: Element) => {
  if (box.scrollWidth <= box.clientWidth) box.removeAttribute('tabindex');
  else box.setAttribute('tabindex', '0');
};
const boxes = document.querySelectorAll('.table');
boxes.forEach(fit);
if ('ResizeObserver' in window) {
  const watch = new ResizeObserver((entries) => entries.forEach((e) => fit(e.target)));
  boxes.forEach((box) => watch.observe(box));
}
