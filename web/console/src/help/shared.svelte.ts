import type { HelpCategory, Id } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { Loaded } from '../settings/work.svelte';
import { help } from './api';

/** What several pages of the Help Center need: the categories. */
class Shared {
  readonly list = new Loaded<readonly HelpCategory[]>(async () => {
    const { categories } = await help.categories();
    return (categories ?? []).toSorted((a, b) => a.position - b.position);
  });

  get categories(): readonly HelpCategory[] {
    return this.list.value ?? [];
  }

  load(): Promise<void> {
    return this.list.load();
  }

  /** The category's title in the agent's language, else in any, else its address. */
  title(category: HelpCategory): string {
    const texts = category.texts;
    return texts[i18n.locale]?.title || texts.en?.title || texts['zh-CN']?.title || category.slug;
  }

  titleOf(id: Id): string {
    const found = this.categories.find((c) => c.id === id);
    return found === undefined ? '' : this.title(found);
  }
}

export const shared = new Shared();
