import { visitorMore, type PushAddress, type ReadingLocale, type VisitorApi } from '../../sdk';

/** What a browser can do here: none when there is no web push, such as in a web view. */
export type PushState = 'none' | 'off' | 'on' | 'denied';

const script = '/app/sw.js';
const scope = '/app/';

export function pushPossible(page: Window & typeof globalThis = window): boolean {
  return 'serviceWorker' in page.navigator && 'PushManager' in page && 'Notification' in page;
}

export async function pushState(): Promise<PushState> {
  if (!pushPossible()) return 'none';
  if (Notification.permission === 'denied') return 'denied';
  const registration = await navigator.serviceWorker.getRegistration(scope);
  return (await registration?.pushManager.getSubscription()) ? 'on' : 'off';
}

/**
 * Asks the browser for permission (call it from a click) and gives its address to the desk, which sends
 * it the bare news that there is an answer. `key` is the VAPID public key, base64url.
 */
export async function pushOn(api: VisitorApi, key: string, locale: ReadingLocale): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted')
    return Notification.permission === 'denied' ? 'denied' : 'off';
  const registration = await navigator.serviceWorker.register(trusted(script), { scope });
  await active(registration);
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytesOf(key),
  });
  await visitorMore(api.http).subscribe(subscription.toJSON() as PushAddress, locale);
  return 'on';
}

export async function pushOff(api: VisitorApi): Promise<PushState> {
  const registration = await navigator.serviceWorker.getRegistration(scope);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return 'off';
  await subscription.unsubscribe();
  // An address that no longer exists is thrown away by the desk in any case.
  await visitorMore(api.http)
    .unsubscribe(subscription.endpoint)
    .catch(() => undefined);
  return 'off';
}

/** The content policy trusts no string as a script's address; this one is a constant. */
function trusted(url: typeof script): string {
  interface Factory {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): typeof rules;
  }
  const factory = (window as Window & { trustedTypes?: Factory }).trustedTypes;
  return (
    factory?.createPolicy('veridesk-worker', { createScriptURL: () => script }).createScriptURL('') ?? url
  );
}

/** Subscribing needs a worker that is active; a first one takes a moment. */
async function active(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise<void>((done) =>
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') done();
    }),
  );
}

export function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
