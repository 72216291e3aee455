/**
 * Veridesk on the exchange's page: what the loader understands. Served at /widget/veridesk.d.ts; copy it
 * into your project, or name it in a triple-slash reference. docs/embedding.md explains each command.
 *
 *   window.Veridesk = window.Veridesk || function () { (Veridesk.q = Veridesk.q || []).push(arguments) };
 *   Veridesk('boot', { locale: 'zh-TW', color: '#0b5fd0' });
 *   Veridesk('identify', { token: () => fetch('/support-token').then((r) => r.text()) });
 *   Veridesk('on', 'unread', ({ count }) => show(count));
 */

export type VerideskScenario =
  'login_code' | 'transfer_trouble' | 'locked_out' | 'how_to' | 'suspected_theft' | 'feedback' | 'appeal';

/** Also as data- attributes of the script tag: data-z-index, data-hide-button="true" … */
export interface VerideskOptions {
  /** en, zh-CN, zh-TW; otherwise the page's `lang`, then the browser's language. */
  locale?: string;
  /** Default: as the system is set. */
  theme?: 'light' | 'dark' | 'system';
  /** Default: right; left on a page that is written from right to left. */
  position?: 'left' | 'right';
  /** #rrggbb. Text on and beside it stays readable whatever it is. */
  color?: string;
  /** Roundness of corners in pixels, 0 to 24. */
  radius?: number | string;
  /** A CSS font-family list of fonts that the device has. */
  font?: string;
  /** Legal entity, as in Veridesk's settings. A signed-in customer's is what the token says. */
  entity?: string;
  /** Default 2147483000. */
  zIndex?: number | string;
  /** No round button: open it with your own. */
  hideButton?: boolean | 'true' | 'false';
}

/** The exchange's JWT, or a function that gives a fresh one; '' when nobody is signed in. */
export interface VerideskIdentity {
  token: string | (() => string | Promise<string>);
}

export interface VerideskBeginning {
  scenario?: VerideskScenario;
  /** What the first message begins with; at most 200 characters. Nothing is sent by itself. */
  text?: string;
}

export interface VerideskEvents {
  /** The loader is there. A handler that comes later is called at once. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** Conversations with unread answers. */
  unread: { count: number };
  /** The customer began one. No text of it. */
  conversation: { id: string; number: string; scenario: string };
  /** For your log: signing in or loading did not work. `code`: token, unauthorized, load … */
  error: { code: string; message: string };
}

export interface Veridesk {
  (command: 'boot', options: VerideskOptions): void;
  /** Signs the customer in. Call it on every page where somebody is signed in at the exchange. */
  (command: 'identify', who: VerideskIdentity): void;
  /** When the customer signs out at the exchange: forgets everything of them on this device. */
  (command: 'logout'): void;
  (command: 'open', beginning?: VerideskBeginning): void;
  (command: 'close'): void;
  /** category/slug, as in the article's address. */
  (command: 'showArticle', article: string): void;
  (command: 'newConversation', beginning?: VerideskBeginning): void;
  <E extends keyof VerideskEvents>(
    command: 'on' | 'off',
    event: E,
    handler: (detail: VerideskEvents[E]) => void,
  ): void;
  /** Calls from before the loader arrived. */
  q?: ArrayLike<unknown>[];
  /** Whether this is the loader's own function and not the queue before it. */
  loaded?: boolean;
}

declare global {
  interface Window {
    Veridesk?: Veridesk;
  }
}
