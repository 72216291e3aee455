// The search page of an exported Help Center. The query stands behind the "#" of the address: no server sees it.
import type { Excerpt } from '../../rules/terms/index';
import { tidy, type Answer, type Finder, type Found } from './find';

/** The query in an address's fragment, '' for none. */
export function queryOf(hash: string): string {
  return tidy(new URLSearchParams(hash.replace(/^#/, '')).get('q') ?? '');
}

export const hashFor = (query: string) => `#q=${encodeURIComponent(query)}`;

interface Places {
  title: HTMLElement;
  meant: HTMLElement;
  count: HTMLElement;
  hits: HTMLElement;
  hit: HTMLTemplateElement;
}

/** Shows what the address asks for, now and whenever it changes. finder is made when it is first needed. */
export function attachSearch(root: HTMLElement, finder: () => Finder): void {
  const place = (name: string) => root.querySelector<HTMLElement>(`[data-find-${name}]`);
  const places = Object.fromEntries(
    ['title', 'meant', 'count', 'hits', 'hit'].map((name) => [name, place(name)]),
  ) as unknown as Places;
  const empty = { heading: places.title.textContent ?? '', title: document.title };
  const words = root.dataset as Record<'title' | 'results' | 'none' | 'one' | 'many', string>;
  const fill = (text: string, value: string) => text.split('%s').join(value);

  const show = () => {
    const query = queryOf(location.hash);
    for (const input of document.querySelectorAll<HTMLInputElement>('form[role=search] input'))
      input.value = query;
    for (const link of document.querySelectorAll<HTMLAnchorElement>('details.menu a, [data-find-other]'))
      link.hash = query === '' ? '' : hashFor(query);
    const answer: Answer = query === '' ? { hits: [], corrected: '' } : finder().find(query);
    const n = answer.hits.length;
    const nothing = query !== '' && n === 0;
    places.title.textContent =
      query === '' ? empty.heading : fill(nothing ? words.none : words.results, query);
    document.title =
      query === '' ? empty.title : empty.title.replace(/^[^·]*/, `${fill(words.title, query)} `);
    places.count.textContent = n === 0 ? '' : n === 1 ? words.one : fill(words.many, String(n));
    places.meant.hidden = answer.corrected === '';
    const meant = places.meant.querySelector('a');
    if (meant) {
      meant.textContent = answer.corrected;
      meant.hash = hashFor(answer.corrected);
    }
    places.hits.replaceChildren(...answer.hits.map((h) => item(places.hit, h)));
    places.hits.hidden = n === 0;
    for (const part of root.querySelectorAll<HTMLElement>('[data-find-none]')) part.hidden = !nothing;
    for (const part of root.querySelectorAll<HTMLElement>('[data-find-all]')) part.hidden = n > 0;
  };
  addEventListener('hashchange', show);
  show();
}

function item(template: HTMLTemplateElement, hit: Found): Node {
  const node = template.content.cloneNode(true) as DocumentFragment;
  const link = node.querySelector('a');
  link?.setAttribute('href', hit.article.path);
  node.querySelector('.row-over')?.append(hit.category);
  node.querySelector('.row-title')?.append(...marked(hit.title));
  node.querySelector('.row-text')?.append(...marked(hit.passage));
  return node;
}

function marked({ text, spans }: Excerpt): (Node | string)[] {
  const out: (Node | string)[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    out.push(text.slice(at, start));
    const mark = document.createElement('mark');
    mark.textContent = text.slice(start, end);
    out.push(mark);
    at = end;
  }
  out.push(text.slice(at));
  return out;
}
