// The site's only script. Every page works without it: it adds suggestions while one types, opens the
// chat in place, changes the theme without a reload, takes votes in place, hides announcements, follows the
// reader in the contents, and takes needless tab stops from tables that fit.
import './site.css';
import { themeChat } from './parts/chat';
import { enhance } from './parts/page';
import { attachSuggestions } from './parts/suggest';
import { switchThemeInPlace } from './parts/theme';
import { voteInPlace } from './parts/vote';

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-suggest]')) attachSuggestions(form);
for (const form of document.querySelectorAll<HTMLFormElement>('form.theme'))
  switchThemeInPlace(form, themeChat);
for (const box of document.querySelectorAll<HTMLElement>('[data-vote]')) voteInPlace(box);
enhance();
