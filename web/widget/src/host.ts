import { asAim, asLook, type Aim, type Look } from './params';

export interface HostEvents {
  onOpen(aim: Aim): void;
  onClose(): void;
  onBoot(look: Look, locale: string): void;
  /** Somebody signed in at the exchange, or out. */
  onIdentify(): void;
  onLogout(): void;
}

/** What is around the application: the exchange's page, a native app, or nothing. */
export interface Host {
  /** Whether we can be closed from within. */
  readonly closes: boolean;
  /** Alone on a page: nobody else shows how much is unread. */
  readonly alone: boolean;
  /** Something was told to it; see VerideskEvents. */
  tell(type: string, more?: object): void;
  /** The exchange's JWT; '' when nobody is signed in there. Rejects when that cannot be learnt now. */
  token(): Promise<string>;
}

export const tokenPatience = 10_000;
/** Longer than any JWT that the server takes. */
const longest = 8_192;

/** Questions to the host, each answered once. */
export class Questions {
  private last = 0;
  private readonly open = new Map<unknown, (token: unknown) => void>();

  ask(put: (id: number) => void): Promise<string> {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      const no = () => {
        if (this.open.delete(id)) reject(new Error('no token'));
      };
      this.open.set(id, (token) => {
        if (typeof token !== 'string' || token.length > longest) return no();
        this.open.delete(id);
        resolve(token.trim());
      });
      setTimeout(no, tokenPatience);
      put(id);
    });
  }
  answer(id: unknown, token: unknown): void {
    this.open.get(id)?.(token);
  }
}

/**
 * The page around us. Speaks to, and listens to, exactly one window of exactly one origin; without an
 * origin (a page of our own) it does neither. The origin is what the page says of itself; whether it may
 * frame us at all is decided by frame-ancestors, and a page that names another hears and says nothing.
 */
export class PageHost implements Host {
  readonly closes: boolean;
  private readonly questions = new Questions();

  constructor(
    private readonly self: Window,
    private readonly origin: string,
    events: HostEvents,
  ) {
    this.closes = origin !== '' && self.parent !== self;
    if (!this.closes) return;
    self.addEventListener('message', (e: MessageEvent<unknown>) => {
      if (e.origin !== origin || e.source !== self.parent) return;
      const m = Object(e.data) as Record<string, unknown>;
      const { veridesk, type, locale } = m;
      if (veridesk !== 1) return;
      if (type === 'open') events.onOpen(asAim(m));
      else if (type === 'close') events.onClose();
      else if (type === 'boot') events.onBoot(asLook(m), typeof locale === 'string' ? locale : '');
      else if (type === 'identify') events.onIdentify();
      else if (type === 'logout') events.onLogout();
      else if (type === 'token') this.questions.answer(m['id'], m['token']);
    });
  }

  get alone(): boolean {
    return !this.closes;
  }
  tell(type: string, more: object = {}): void {
    if (this.closes) this.self.parent.postMessage({ veridesk: 1, type, ...more }, this.origin);
  }
  token(): Promise<string> {
    return this.closes ? this.questions.ask((id) => this.tell('token', { id })) : Promise.resolve('');
  }
}
