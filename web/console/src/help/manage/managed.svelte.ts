import { Work, type Loaded } from '../../settings/work.svelte';

/** A list that is kept on one page: its items, and the one that a dialog is about. */
export class Managed<T extends { id: string }> {
  readonly work = new Work();
  editing: T | 'new' | null = $state.raw(null);
  /** Asked about before it is removed. */
  removing: T | null = $state.raw(null);

  constructor(readonly list: Loaded<readonly T[]>) {}

  create = () => {
    this.editing = 'new';
  };

  edit = (item: T) => {
    this.editing = item;
  };

  remove = (item: T) => {
    this.removing = item;
  };

  close = () => {
    this.editing = this.removing = null;
  };

  /** Changes one item; success and trouble are said at the foot of the window, and the list is asked for again. */
  async change(id: string, what: () => Promise<unknown>, done?: string): Promise<void> {
    await this.work.click(id, what, done);
    await this.list.load();
  }
}
