import { RequestError, visitorMore, type ReadingLocale, type VisitorApi } from '../../sdk';
import type { Desk } from './desk.svelte';
import type { Host } from './host';

export interface SignInOptions {
  api: VisitorApi;
  desk: Pick<Desk, 'become' | 'forget'>;
  host: Pick<Host, 'token' | 'tell'>;
  locale: () => ReadingLocale;
  entity: string;
  /** UID of the customer who speaks here; '' for a visitor. */
  person: { uid: string };
  /** UID of who signed in last in this browser: tells the other tabs. */
  who: { get(): string; set(uid: string): void };
  /** From now on tokens are a customer's and kept in memory only. */
  keepSecret(): void;
  /** Begins anew with nothing in memory. */
  restart(): void;
  /** Begun anew because another tab changed: does not tell the others in turn. */
  follows: boolean;
}

/** Milliseconds before the end of a session in which it is renewed, and the shortest pause between two. */
const margin = 60_000;
const pause = 30_000;
const longest = 2 ** 31 - 1;

/**
 * Who is signed in, as the exchange says. A customer's token lives in memory only and the exchange is
 * asked again on every page; whoever is another person than before begins with an empty screen.
 */
export class SignIn {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private going: Promise<void> | undefined;

  constructor(private readonly o: SignInOptions) {}

  /** Asks the exchange who this is. Resolves also when nobody is signed in or it does not answer. */
  async identify(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      const { code, message } =
        error instanceof RequestError ? error : { code: 'token', message: String(error) };
      this.o.host.tell('error', { detail: { code, message } });
    }
  }

  /** A new session for the same customer. Rejects when there is none to be had now. */
  renew(): Promise<void> {
    this.going ??= this.enter().finally(() => (this.going = undefined));
    return this.going;
  }

  /** Forgets the customer on this device and ends the token. */
  async logout(): Promise<void> {
    clearTimeout(this.timer);
    const { person, who, desk, api } = this.o;
    if (!person.uid && !who.get()) return;
    const gone = person.uid ? visitorMore(api.http).logout() : Promise.resolve();
    // The request has its token already; nobody waits for the answer to be rid of what is on the screen.
    desk.forget();
    who.set('');
    await gone.catch(() => undefined);
    this.o.restart();
  }

  private async enter(): Promise<void> {
    const { api, desk, host, person, who, locale, entity, follows } = this.o;
    const jwt = await host.token();
    if (!jwt) {
      // Signed out at the exchange without a word to us.
      if (person.uid) await this.logout();
      return;
    }
    const uid = subjectOf(jwt);
    if (person.uid && uid !== person.uid) {
      desk.forget();
      who.set(uid);
      return this.o.restart();
    }
    const session = await api.session({ locale: locale(), jwt, ...(entity && { entity }) });
    person.uid = session.contact.uid || uid;
    this.o.keepSecret();
    if (!follows && who.get() !== person.uid) who.set(person.uid);
    clearTimeout(this.timer);
    const left = session.expires_at / 1000 - Date.now() - margin;
    this.timer = setTimeout(() => void this.identify(), Math.min(Math.max(left, pause), longest));
    await desk.become(session);
  }
}

/** The subject that a JWT names, unverified: only to see that it is another one. */
export function subjectOf(jwt: string): string {
  try {
    const part = (jwt.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}
