import { mount } from 'svelte';
import { VisitorApi } from '../../sdk';
import './css/base.css';
import './css/home.css';
import './css/chat.css';
import type { App } from './app';
import { Desk } from './desk.svelte';
import { Help } from './help.svelte';
import { Host } from './host';
import { nearestLocale } from './i18n';
import { readParams } from './params';
import { Kept, outbox, pageStorage } from './storage';
import Root from './ui/App.svelte';
import { Ui } from './ui.svelte';

const params = readParams(location.hash, navigator.language);
const storage = pageStorage();
const token = new Kept(storage, 'veridesk.visitor');
const count = new Kept(storage, 'veridesk.count');
const chosen = new Kept(storage, 'veridesk.locale');

const ui = new Ui(document.documentElement);
const firstLocale = chosen.get() ? nearestLocale(chosen.get()) : params.locale;
ui.setTheme(params.theme, params.color);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => void ui.paint());

const api = new VisitorApi({ locale: () => ui.locale, token: () => token.get() });
const desk = new Desk({
  api,
  token,
  count,
  store: outbox(storage),
  realtime: { url: `${location.origin}/realtime`, WebSocket: window.WebSocket ?? null },
  locale: () => ui.locale,
  page: params.page,
  came: () => help.came(),
});
const help = new Help(api, () => ui.locale);

/** A closed frame still counts as visible to the browser. */
let opened = true;
const look = () => desk.setVisible(opened && !document.hidden);

const host = new Host(window, params.origin, {
  onOpen: (scenario, text) => {
    opened = true;
    look();
    begun(scenario, text);
  },
  onClose: () => {
    opened = false;
    look();
  },
  onBoot: ({ locale, theme, color }) => {
    ui.setTheme(theme, color);
    if (locale && !chosen.get()) void change(nearestLocale(locale));
  },
});

/** Goes to the chat when the page around us says what it is about. */
function begun(scenario: typeof params.scenario, text: string): void {
  if (scenario || text) ui.go(ui.chat('', { scenario, draft: text }));
}

async function change(locale: Ui['locale']): Promise<void> {
  if (locale === ui.locale) return;
  await ui.setLocale(locale);
  void desk.loadConfig();
  void help.search();
}

const app: App = {
  ui,
  desk,
  help,
  host,
  speak: (locale) => {
    chosen.set(locale);
    void change(locale);
  },
};

window.addEventListener('online', () => desk.setOnline(true));
window.addEventListener('offline', () => desk.setOnline(false));
document.addEventListener('visibilitychange', look);

async function begin(): Promise<void> {
  // Asked for in parallel with the words; nothing waits for either.
  ui.locale = firstLocale;
  void desk.begin();
  help.query = params.text;
  void help.search();
  await ui.setLocale(firstLocale);
  begun(params.scenario, params.text);
  mount(Root, { target: document.getElementById('app') as HTMLElement, props: { app } });
  look();
  if (!navigator.onLine) desk.setOnline(false);
  // Said last: until then the loader keeps its own way out ready.
  host.ready();
}

void begin();
