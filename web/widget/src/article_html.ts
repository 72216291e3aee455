interface HtmlPolicy {
  createHTML(html: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createHTML(html: string): string }): HtmlPolicy;
}

let policy: HtmlPolicy | undefined;

/**
 * Puts an article's HTML, sanitised on the server, into an element. The only place that makes trusted
 * HTML out of a string; the content policy's Trusted Types forbid all others. Scripts in it could not
 * run even if there were any (script-src 'self').
 */
export function putArticleHtml(element: HTMLElement, html: string): void {
  const factory = (window as Window & { trustedTypes?: Factory }).trustedTypes;
  policy ??= factory?.createPolicy('veridesk-article', { createHTML: (s) => s }) ?? { createHTML: (s) => s };
  element.innerHTML = policy.createHTML(html) as string;
  for (const link of Array.from(element.querySelectorAll('a'))) {
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
  }
}

/** The article that a link of our own Help Center names, if it names one. */
export function articleOfLink(
  href: string,
  origins: readonly string[],
): { category: string; slug: string } | undefined {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return undefined;
  }
  const m = /^\/(?:en|zh-CN)\/a\/([^/]+)\/([^/]+)\/?$/.exec(url.pathname);
  if (!m?.[1] || !m[2] || !origins.includes(url.origin)) return undefined;
  return { category: decodeURIComponent(m[1]), slug: decodeURIComponent(m[2]) };
}
