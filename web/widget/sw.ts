/**
 * The in-app centre's service worker, at /app/sw.js: shows that there is an answer, and nothing of it.
 * A notice may lie on a locked screen or pass through the browser maker's servers; what was written stays
 * with the desk. It intercepts no requests and keeps no cache.
 */
export {};

interface Worker {
  addEventListener(type: string, handler: (event: Event) => void): void;
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: {
    matchAll(o: object): Promise<
      readonly {
        url: string;
        visibilityState: string;
        focus(): Promise<unknown>;
        postMessage(m: unknown): void;
      }[]
    >;
    openWindow(url: string): Promise<unknown>;
  };
  location: { origin: string };
}
interface Event {
  data?: { json(): unknown };
  notification: { data?: { conversation?: string }; close(): void };
  waitUntil(work: Promise<unknown>): void;
}
interface News {
  conversation?: string;
  number?: string;
  title?: string;
  body?: string;
  locale?: string;
}

const worker = self as unknown as Worker;
const words = new Map<string, [title: string, body: string]>([
  ['zh-CN', ['客服', '您有一条新回复。']],
  ['zh-TW', ['客服', '您有一則新回覆。']],
]);

worker.addEventListener('push', (event) => event.waitUntil(show(read(event))));
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.conversation));
});

function read(event: Event): News {
  try {
    return Object(event.data?.json()) as News;
  } catch {
    return {};
  }
}

const plain = (value: unknown, most: number) => (typeof value === 'string' ? value.slice(0, most) : '');
const idOf = (value: unknown) => (/^\d{1,20}$/.test(plain(value, 20)) ? plain(value, 20) : '');

async function show({ conversation, number, title, locale }: News): Promise<void> {
  const [support, news] = words.get(plain(locale, 10)) ?? ['Support', 'You have a new answer.'];
  const which = plain(number, 20);
  await worker.registration.showNotification(plain(title, 80) || support, {
    body: which ? `${news} (${which})` : news,
    // One notice per conversation: the next replaces it.
    tag: `veridesk-${idOf(conversation)}`,
    icon: '/app/icon.svg',
    data: { conversation: idOf(conversation) },
  });
}

async function open(conversation: unknown): Promise<void> {
  const id = idOf(conversation);
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find(({ url }) => /^\/app\b/.test(new URL(url).pathname));
  if (!page) {
    await worker.clients.openWindow(`/app${id && `#conversation=${id}`}`);
    return;
  }
  page.postMessage({ veridesk: 1, type: 'open', conversation: id });
  await page.focus();
}
