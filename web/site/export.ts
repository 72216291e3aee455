// The script of exported pages. Every page works without it; it leads from the front page to the reader's language,
// switches the theme, and sends searches to the search page without a server seeing them.
import { themeChat } from './parts/chat';
import { enhance } from './parts/page';
import { keepTheme } from './exported/theme';
import { frontFor } from './exported/front';
import { hashFor } from './exported/page';

const front = document.documentElement.dataset['front'];
if (front) {
  const locale = frontFor(front.split(' '), navigator.languages ?? [navigator.language]);
  if (locale !== document.documentElement.lang) location.replace(`${locale}/index.html`);
}

keepTheme(themeChat);

for (const form of document.querySelectorAll<HTMLFormElement>('form[role=search]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const query = form.querySelector('input')?.value.trim() ?? '';
    const page = new URL(form.action);
    page.hash = query === '' ? '' : hashFor(query);
    location.assign(page.href);
  });
}

enhance();
