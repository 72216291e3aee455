// The site's only script. Every page works without it: it adds suggestions while one types, opens the
// chat in place, changes the theme without a reload, takes votes in place, hides announcements, follows the
// reader in the contents, and takes needless tab stops from tables that fit.
import './site.css';
import { closeMenu } from './parts/menu';
import { dismissNotices } from './parts/notices';
import { attachSuggestions } from './parts/suggest';
import { switchThemeInPlace } from './parts/theme';
import { followReading } from './parts/toc';
import { voteInPlace } from './parts/vote';

type Veridesk = (command: string, options?: { scenario?: string; text?: string; theme?: string }) => void;
const chat = () => (window as Window & { Veridesk?: Veridesk }).Veridesk;

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-suggest]')) attachSuggestions(form);

for (const form of document.querySelectorAll<HTMLFormElement>('form.theme')) {
  switchThemeInPlace(form, (theme) => chat()?.('boot', { theme }));
}

dismissNotices(document);
for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu')) closeMenu(menu);
for (const nav of document.querySelectorAll<HTMLElement>('nav.toc')) followReading(nav);
for (const box of document.querySelectorAll<HTMLElement>('[data-vote]')) voteInPlace(box);

document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLElement>('[data-chat]');
  const open = chat();
  // Without the loader (blocked, or still on its way) the link leads to the chat's own page.
  if (!link || !open || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { chat: scenario, text } = link.dataset;
  open('open', { ...(scenario ? { scenario } : {}), ...(text ? { text } : {}) });
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
