interface HtmlPolicy {
  createHTML(html: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createHTML(html: string): string }): HtmlPolicy;
}

let policy: HtmlPolicy | undefined;

/**
 * The only place of the console that lets a string become a document. It is parsed into one that has no window: there
 * nothing runs and nothing loads. What the preview takes from it, the server has sanitised; what a paste takes from it
 * is text.
 */
export function parse(html: string): Document {
  const factory = (window as Window & { trustedTypes?: Factory }).trustedTypes;
  policy ??= factory?.createPolicy('veridesk-article', { createHTML: (s) => s }) ?? { createHTML: (s) => s };
  return new DOMParser().parseFromString(policy.createHTML(html) as string, 'text/html');
}

const forbidden =
  'script, style, iframe, object, embed, link, meta, base, form, input, button, svg, math, template';

/** An article's HTML as nodes. The server sanitised it; should that ever fail, nothing here can run, load or restyle. */
export function articleNodes(html: string): DocumentFragment {
  const doc = parse(html);
  for (const element of doc.querySelectorAll(forbidden)) element.remove();
  for (const element of doc.querySelectorAll('*')) {
    for (const name of element.getAttributeNames()) {
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') element.removeAttribute(name);
    }
  }
  for (const link of doc.querySelectorAll('a')) {
    if (!['https:', 'http:', 'mailto:'].includes(link.protocol)) link.removeAttribute('href');
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
  const out = document.createDocumentFragment();
  out.append(...Array.from(doc.body.childNodes, (node) => document.importNode(node, true)));
  return out;
}
