// Suggestions while one types: an editable combobox with a list
// (WAI-ARIA Authoring Practices, combobox with list autocomplete). Enter without a choice searches.

export interface Suggestion {
  title: string;
  summary: string;
  url: string;
}

const waitMs = 150;
const most = 6;

/** A pasted phrase or key must not travel while somebody types; only short texts are asked for. */
export function askable(text: string): boolean {
  const t = text.trim();
  return t.length >= 2 && t.length <= 60 && t.split(/\s+/).length <= 8;
}

let counter = 0;

export function attachSuggestions(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[name=q]');
  const box = input?.parentElement;
  if (!input || !box) return;
  const id = `suggest-${++counter}`;
  const words = form.dataset;

  const list = document.createElement('ul');
  list.id = id;
  list.className = 'suggest';
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', words['label'] ?? '');
  const status = document.createElement('span');
  status.className = 'unseen';
  status.setAttribute('role', 'status');
  box.append(list, status);

  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-controls', id);

  let shown: Suggestion[] = [];
  let chosen = -1;
  let timer = 0;
  let request: AbortController | undefined;

  const choose = (index: number) => {
    chosen = index;
    for (const [i, option] of Array.from(list.children).entries()) {
      option.setAttribute('aria-selected', String(i === index));
      if (i === index) option.scrollIntoView({ block: 'nearest' });
    }
    if (index < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `${id}-${index}`);
  };

  const show = (suggestions: Suggestion[]) => {
    shown = suggestions;
    list.replaceChildren(...suggestions.map((s, i) => optionFor(s, `${id}-${i}`)));
    list.hidden = suggestions.length === 0;
    input.setAttribute('aria-expanded', String(suggestions.length > 0));
    choose(-1);
  };

  const close = () => {
    window.clearTimeout(timer);
    request?.abort();
    show([]);
    status.textContent = '';
  };

  const ask = async () => {
    request?.abort();
    const mine = (request = new AbortController());
    const query = new URLSearchParams({
      locale: words['locale'] ?? 'en',
      q: input.value.trim(),
      limit: String(most),
      prefix: 'true',
      entity: words['entity'] ?? '',
      region: words['region'] ?? '',
    });
    try {
      const response = await fetch(`/api/v1/articles?${query}`, { signal: mine.signal });
      if (!response.ok) throw new Error(String(response.status));
      const found = ((await response.json()) as { articles: Suggestion[] }).articles;
      if (mine.signal.aborted || document.activeElement !== input) return;
      show(found);
      status.textContent = found.length ? `${found.length} ${words['some'] ?? ''}` : (words['none'] ?? '');
    } catch {
      if (!mine.signal.aborted) close(); // suggestions are a comfort; the search itself goes on working
    }
  };

  input.addEventListener('input', () => {
    window.clearTimeout(timer);
    if (askable(input.value)) timer = window.setTimeout(() => void ask(), waitMs);
    else close();
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return; // an input method still has the keys
    const open = shown.length > 0;
    if (event.key === 'Escape' && open) close();
    else if (event.key === 'ArrowDown' && open) choose(chosen + 1 < shown.length ? chosen + 1 : -1);
    else if (event.key === 'ArrowUp' && open) choose(chosen < 0 ? shown.length - 1 : chosen - 1);
    else if (event.key === 'Enter' && chosen >= 0) window.location.assign(shown[chosen]?.url ?? '');
    else return;
    event.preventDefault();
  });
  input.addEventListener('blur', close);
  list.addEventListener('mousedown', (event) => event.preventDefault()); // keep the focus, so that the click arrives
  list.addEventListener('click', (event) => {
    const option = (event.target as Element).closest('[role=option]');
    const at = Array.from(list.children).indexOf(option as Element);
    if (shown[at]) window.location.assign(shown[at].url);
  });
}

function optionFor(suggestion: Suggestion, id: string): HTMLLIElement {
  const option = document.createElement('li');
  option.id = id;
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  const title = document.createElement('span');
  title.textContent = suggestion.title;
  const text = document.createElement('span');
  text.className = 'suggest-text';
  text.textContent = suggestion.summary;
  option.append(title, text);
  return option;
}
