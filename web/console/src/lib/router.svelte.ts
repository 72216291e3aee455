// A history router for one application: a table of patterns, no nesting, no loaders.

export type RouteName =
  | 'home'
  | 'sign-in'
  | 'setup'
  | 'invitation'
  | 'inbox'
  | 'queue'
  | 'search'
  | 'help'
  | 'settings'
  | 'not-found';

export interface Route {
  name: RouteName;
  /** Values of the `:name` parts, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
}

const table: readonly (readonly [string, RouteName])[] = [
  ['/', 'home'],
  ['/sign-in', 'sign-in'],
  ['/setup/:token', 'setup'],
  ['/invitation/:token', 'invitation'],
  ['/inbox/:view', 'inbox'],
  ['/inbox/:view/:id', 'inbox'],
  ['/queue', 'queue'],
  ['/queue/:id', 'queue'],
  ['/search', 'search'],
  ['/search/:id', 'search'],
  ['/help', 'help'],
  ['/help/:section', 'help'],
  ['/help/:section/:id', 'help'],
  ['/help/:section/:id/:locale', 'help'],
  ['/help/:section/:id/:locale/:panel', 'help'],
  ['/settings', 'settings'],
  ['/settings/:section', 'settings'],
  ['/settings/:section/:id', 'settings'],
];

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % typed into the address bar is not worth an exception
  }
}

/** Finds the route of a path below the base, such as `/inbox/mine/123`. */
export function match(path: string, search = ''): Route {
  const parts = split(path);
  const query = new URLSearchParams(search);
  for (const [pattern, name] of table) {
    const wanted = split(pattern);
    if (wanted.length !== parts.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((part, i) => {
      const got = parts[i] ?? '';
      if (part.startsWith(':')) {
        params[part.slice(1)] = decode(got);
        return true;
      }
      return part === got;
    });
    if (fits) return { name, params, query };
  }
  return { name: 'not-found', params: {}, query };
}

export const base = '/console';

class Router {
  current: Route = $state.raw(match('/'));

  /** Reads the address bar and follows back and forward; returns the function that stops it. */
  start(): () => void {
    this.#read();
    const read = () => {
      this.#read();
    };
    window.addEventListener('popstate', read);
    return () => {
      window.removeEventListener('popstate', read);
    };
  }

  /** Goes to a path below the base. `replace` leaves no step behind for the back button. */
  go(path: string, options: { replace?: boolean } = {}): void {
    const url = base + path;
    if (url === location.pathname + location.search) return;
    if (options.replace === true) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#read();
  }

  #read(): void {
    const path = location.pathname.startsWith(base)
      ? location.pathname.slice(base.length)
      : location.pathname;
    this.current = match(path, location.search);
  }
}

export const router = new Router();

/** Turns a click on an ordinary link into a step of the router; new tabs and downloads stay the browser's. */
export function follow(event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.target !== '' || link.origin !== location.origin) return;
  if (link.pathname !== base && !link.pathname.startsWith(`${base}/`)) return;
  event.preventDefault();
  router.go(link.pathname.slice(base.length) + link.search);
}
