import { mount } from 'svelte';
import { VisitorApi } from '../../sdk';
import './css/base.css';
import './css/home.css';
import './css/chat.css';
import type { App } from './app';
import { Desk } from './desk.svelte';
import { Help } from './help.svelte';
import { PageHost, type Host, type HostEvents } from './host';
import { nearestLocale } from './i18n';
import { readParams, type Aim } from './params';
import type { SignIn } from './sign_in';
import { Kept, outbox, pageStorage, Secret } from './storage';
import Root from './ui/App.svelte';
import { Ui } from './ui.svelte';

const asked = new URLSearchParams(location.search).get('locale');
const params = readParams(location.hash, asked || navigator.language);
/** A page of its own, in a native app's web view or a browser's tab. */
const centre = location.pathname.startsWith('/app');
const storage = pageStorage();
const token = new Secret(storage, 'veridesk.visitor');
const count = new Secret(storage, 'veridesk.count');
const chosen = new Kept(storage, 'veridesk.locale');
const who = new Kept(storage, 'veridesk.who');
const owner = new Kept(undefined, '');
const person = { uid: '' };

const root = document.documentElement;
const ui = new Ui(root);
ui.setLook(params);

const api = new VisitorApi({ locale: () => ui.locale, token: () => token.get() });
const desk: Desk = new Desk({
  api,
  token,
  count,
  owner,
  store: outbox(storage),
  realtime: { url: `${location.origin}/realtime`, WebSocket: window.WebSocket ?? null },
  locale: () => ui.locale,
  entity: () => params.entity,
  page: params.page,
  came: () => help.came(),
  renew: async () => (await signIn()).renew(),
  onHeard: () => void import('./sound').then(({ chime }) => chime()),
  onBegun: ({ id, number, scenario }) => host.tell('conversation', { detail: { id, number, scenario } }),
});
const help = new Help(api, () => ui.locale);

/** A closed frame still counts as visible to the browser. */
let opened = true;
const look = () => desk.setVisible(opened && !document.hidden);

const events: HostEvents = {
  onOpen: (aim) => {
    opened = true;
    look();
    turn(aim);
  },
  onClose: () => {
    opened = false;
    look();
  },
  onBoot: (looks, locale) => {
    ui.setLook(looks);
    if (locale && !chosen.get()) void change(nearestLocale(locale));
  },
  onIdentify: () => void signIn().then((s) => s.identify()),
  onLogout: () => void signIn().then((s) => s.logout()),
};
let host: Host;
let signing: Promise<SignIn> | undefined;

/** Downloaded by those who are signed in. */
const signIn = () =>
  (signing ??= import('./sign_in').then(
    ({ SignIn: Kind }) =>
      new Kind({
        api,
        desk,
        host,
        locale: () => ui.locale,
        entity: params.entity,
        person,
        who,
        keepSecret: () => [token, count].forEach((s) => s.hide()),
        restart,
        follows: location.hash.includes('&follow=1'),
      }),
  ));

/** Nothing of this person stays on the screen or in memory. What the first visit aimed at is over. */
function restart(follow = ''): void {
  root.hidden = true;
  const { origin, page, locale, entity } = params;
  const said = Object.entries({ origin, page, locale, entity, ...ui.looks }).filter(([, value]) => value);
  history.replaceState(null, '', `#${new URLSearchParams(said)}&identify=1${follow}`);
  location.reload();
}

/** Goes where the page around us, or a link, points. */
function turn({ scenario, text, article, conversation, write }: Aim): void {
  const [category, slug] = article.split('/');
  if (category && slug) ui.jump({ name: 'article', category, slug });
  else if (conversation) ui.jump(ui.chat(conversation));
  else if (scenario || text || write) ui.jump(ui.chat('', { scenario, draft: text }));
}

async function change(locale: Ui['locale']): Promise<void> {
  if (locale === ui.locale) return;
  await ui.setLocale(locale);
  void desk.loadConfig();
  void help.search();
}

const speak = (locale: Ui['locale']) => {
  chosen.set(locale);
  void change(locale);
};

window.addEventListener('online', () => desk.setOnline(true));
window.addEventListener('offline', () => desk.setOnline(false));
document.addEventListener('visibilitychange', look);
window.addEventListener('storage', ({ key, newValue }) => {
  // Another tab signed in somebody else, or out.
  if (key === 'veridesk.who' && person.uid && newValue !== person.uid) restart('&follow=1');
});
const scheme = window.matchMedia('(prefers-color-scheme: dark)');
// Safari before 14 knows only the old name.
scheme.addEventListener?.('change', () => void ui.paint());

/** The conversations of whoever is here; those of a customer only once the exchange said who it is. */
async function meet(): Promise<void> {
  if (params.logout) void signIn().then((s) => s.logout());
  if (!params.identify) return desk.begin();
  const config = desk.loadConfig();
  await (await signIn()).identify();
  await config;
  if (!person.uid) await desk.begin();
}

async function begin(): Promise<void> {
  // Asked for in parallel with the words; nothing waits for either.
  ui.locale = chosen.get() ? nearestLocale(chosen.get()) : params.locale;
  host = centre
    ? (await import('./bridge')).appHost(window, events, speak)
    : new PageHost(window, params.origin, events);
  void meet();
  help.query = params.text;
  void help.search();
  await ui.setLocale(ui.locale);
  turn(params);
  const app: App = { ui, desk, help, host, speak };
  mount(Root, { target: document.getElementById('app') as HTMLElement, props: { app } });
  look();
  if (!navigator.onLine) desk.setOnline(false);
  // Said last: until then the loader keeps its own way out ready.
  host.tell('ready');
}

void begin();
