import type { HelpCategory, Id } from '../../../sdk';
import { i18n } from '../i18n/index.svelte';
import { help } from './api';

/** What several pages of the Help Center need: the categories. */
class Shared {
  categories: readonly HelpCategory[] = $state.raw([]);
  loaded = $state(false);
  failure: unknown = $state.raw(null);

  async load(): Promise<void> {
    try {
      const { categories } = await help.categories();
      this.categories = (categories ?? []).toSorted((a, b) => a.position - b.position);
      this.loaded = true;
      this.failure = null;
    } catch (error) {
      this.failure = error;
    }
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
