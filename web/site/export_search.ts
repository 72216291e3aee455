// The search page of an exported Help Center. The data is the script before this one; nothing else is loaded, and
// what is typed goes nowhere.
import type { SearchData } from './exported/data';
import { Finder } from './exported/find';
import { attachSearch } from './exported/page';

const root = document.querySelector<HTMLElement>('[data-find]');
const data = (self as { veridesk?: SearchData }).veridesk;
if (root && data) {
  let finder: Finder | undefined;
  attachSearch(root, () => (finder ??= new Finder(data)));
}
