// What is said to an agent who may be looking elsewhere: a message, work that was given, somebody who waits too long.
// Each is said once; nothing here takes the keyboard or changes what is open.

import type { Id, QueueEntry } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { duration } from './duration';
import { Seen, show, tone } from './notify';
import { inboxPath, queuePath } from './paths';
import { prefs } from './prefs.svelte';
import { router } from './router.svelte';
import { toasts } from './toasts.svelte';

/** What is given within so many milliseconds is said in one sentence. */
const together = 12_000;

export interface Named {
  id: Id;
  number: string;
  /** '' when it is not known. */
  name: string;
}

export class News {
  readonly #messages = new Seen();
  readonly #given = new Seen();
  readonly #late = new Seen();
  /** When work was given lately, in milliseconds. */
  #recent: number[] = [];

  /** A customer wrote. `open` says that the agent has the conversation in front of them. */
  message(id: Id, about: Named, body: string, open: boolean): void {
    if (!this.#messages.first(id)) return;
    const away = document.hidden;
    if (prefs.sound && (away || !open)) tone();
    if (!away || !prefs.desktop) return;
    const title = about.name === '' ? i18n.t.notify.hidden : i18n.t.notify.title(about.name);
    show(title, body.slice(0, 140), about.id, () => {
      router.go(inboxPath('all', about.id));
    });
  }

  /** Work was given to this agent; `once` tells one giving from the next. */
  given(about: Named, once: string): void {
    if (!this.#given.first(once)) return;
    const t = i18n.t;
    const at = Date.now();
    this.#recent = [...this.#recent.filter((r) => at - r < together), at];
    const several = this.#recent.length;
    const words = several > 1 ? t.notify.givenMany(several) : t.notify.given(about.name || about.number);
    const open = () => {
      router.go(inboxPath('mine', several > 1 ? '' : about.id));
    };
    if (prefs.sound) tone('work');
    toasts.say(words, 'news', { label: t.notify.open, run: open }, 'given');
    if (document.hidden && prefs.desktop) show(words, t.notify.givenBody, `given-${about.id}`, open);
  }

  /** The agent did it themselves: not to be said when it comes by another road. */
  known(once: string): void {
    this.#given.first(once);
  }

  /** Customers who have waited longer than their team promises; each is said once. */
  late(entries: readonly QueueEntry[], seconds: (e: QueueEntry) => number): void {
    const fresh = entries.filter((e) => this.#late.first(`${e.conversation_id}:${e.entered_at}`));
    const [first] = fresh;
    if (first === undefined) return;
    const t = i18n.t;
    const words =
      fresh.length > 1
        ? t.notify.lateMany(fresh.length)
        : t.notify.late(first.contact_name || first.number, duration(seconds(first), i18n.locale));
    const open = () => {
      router.go(fresh.length > 1 ? queuePath() : queuePath(first.conversation_id));
    };
    if (prefs.sound) tone('late');
    toasts.say(words, 'news', { label: t.notify.open, run: open }, 'late');
    if (document.hidden && prefs.desktop) show(words, t.notify.lateBody, 'late', open);
  }
}
