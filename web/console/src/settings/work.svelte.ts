import { i18n } from '../i18n/index.svelte';
import { explain, fieldErrors } from '../lib/explain';
import { toasts } from '../lib/toasts.svelte';

/** One thing being done on a settings page: busy while it lasts, and its trouble in words afterwards. */
export class Work {
  /** What is under way; '' when nothing is. */
  busy = $state('');
  problem = $state('');
  fields: Readonly<Record<string, string>> = $state.raw({});

  /** True when it succeeded. With `done`, success is said at the foot of the window. */
  async run(what: string, work: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (this.busy !== '') return false;
    this.busy = what;
    this.problem = '';
    this.fields = {};
    try {
      await work();
      if (done !== undefined) toasts.say(done);
      return true;
    } catch (error) {
      this.fields = fieldErrors(error);
      this.problem = Object.keys(this.fields).length > 0 ? '' : explain(error, i18n.t);
      return false;
    } finally {
      this.busy = '';
    }
  }

  /** Like run, for a button without a place for words of its own: trouble is said at the foot of the window. */
  async click(what: string, work: () => Promise<unknown>, done?: string): Promise<boolean> {
    const ok = await this.run(what, work, done);
    const words = this.problem || Object.values(this.fields)[0];
    if (!ok && words !== undefined && words !== '') toasts.say(words, 'error');
    return ok;
  }
}

/** A list asked from the server, with its three states. */
export class Loaded<T> {
  value: T | null = $state.raw(null);
  failure: unknown = $state.raw(null);
  failed = $state(false);

  constructor(private readonly ask: () => Promise<T>) {}

  async load(): Promise<void> {
    this.failed = false;
    try {
      this.value = await this.ask();
    } catch (error) {
      this.failure = error;
      this.failed = true;
    }
  }
}
