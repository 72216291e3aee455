import type { ReadingLocale } from '../../sdk';
import { Questions, type Host, type HostEvents } from './host';
import { nearestLocale } from './i18n';
import { asAim, asLook } from './params';

/**
 * The native app around the in-app centre; docs/in-app.md describes both directions.
 *
 * The app speaks by calling `window.VerideskApp`, which only whoever owns the web view can do. We speak
 * through whichever channel the platform has: WKWebView's message handler, an object put there by
 * Android's addJavascriptInterface or Flutter's addJavaScriptChannel, or React Native's. In an ordinary
 * browser there is none, and nobody is told anything. Messages of other windows are not listened to.
 */
export interface VerideskApp {
  /** The exchange's JWT. Without one: ask us when you need to, by a `token` message. '' when signed out. */
  identify(o?: { token?: string }): void;
  /** The answer to a `token` message; null when there is none to be had now. */
  token(id: number, token: string | null): void;
  logout(): void;
  setTheme(look: { theme?: string; color?: string; radius?: number; font?: string }): void;
  setLocale(locale: string): void;
  /** CSS pixels that the app's own bars cover, in addition to what the system reports. */
  setSafeArea(insets: { top?: number; right?: number; bottom?: number; left?: number }): void;
  /** An article, a conversation, or a new one; see Aim. */
  open(aim?: { article?: string; conversation?: string; scenario?: string; text?: string }): void;
  /** The app came to the front, or left it. */
  setVisible(visible: boolean): void;
}

interface Post {
  postMessage(message: unknown): void;
}
interface Native {
  webkit?: { messageHandlers?: { veridesk?: Post } };
  VerideskNative?: Post;
  ReactNativeWebView?: Post;
  VerideskApp?: VerideskApp;
}

/** How to reach the app; undefined in a browser. */
function channel(page: Native): ((message: object) => void) | undefined {
  // Called on their own objects: Android refuses a method that was taken off its object.
  if (page.webkit?.messageHandlers?.veridesk)
    return (m) => page.webkit?.messageHandlers?.veridesk?.postMessage(m);
  if (page.VerideskNative) return (m) => page.VerideskNative?.postMessage(JSON.stringify(m));
  if (page.ReactNativeWebView) return (m) => page.ReactNativeWebView?.postMessage(JSON.stringify(m));
  return undefined;
}

export function appHost(
  page: Window & Native,
  events: HostEvents,
  speak: (locale: ReadingLocale) => void,
): Host {
  const questions = new Questions();
  const post = channel(page);
  const tell = (type: string, more: object = {}) => post?.({ veridesk: 1, type, ...more });
  /** A token that was handed over without being asked for, used once: it does not live long. */
  let given: string | undefined;

  page.VerideskApp = {
    identify: (o) => {
      given = typeof o?.token === 'string' ? o.token : undefined;
      events.onIdentify();
    },
    token: (id, token) => questions.answer(id, token),
    logout: () => {
      given = undefined;
      events.onLogout();
    },
    setTheme: (look) => events.onBoot(asLook(Object(look)), ''),
    setLocale: (locale) => speak(nearestLocale(String(locale))),
    setSafeArea: (insets) => {
      for (const side of ['top', 'right', 'bottom', 'left'] as const) {
        const pixels = Math.min(Math.max(Number(Object(insets)[side]) || 0, 0), 200);
        page.document.documentElement.style.setProperty(`--safe-${side}`, `${pixels}px`);
      }
    },
    open: (aim) => events.onOpen(asAim(Object(aim))),
    setVisible: (visible) => (visible ? events.onOpen(asAim({})) : events.onClose()),
  };

  // A notice was pressed while the page is open (sw.ts).
  page.navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const m = Object(data) as Record<string, unknown>;
    if (m['veridesk'] === 1 && m['type'] === 'open') events.onOpen(asAim(m));
  });

  return {
    closes: post !== undefined,
    alone: true,
    tell,
    token: () => {
      if (given !== undefined) {
        const token = given;
        given = undefined;
        return Promise.resolve(token);
      }
      return post ? questions.ask((id) => tell('token', { id })) : Promise.resolve('');
    },
  };
}
