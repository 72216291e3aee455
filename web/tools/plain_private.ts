import type { Plugin } from 'vite';

/** As much of an ESTree node as matters here. */
interface Node {
  type: string;
  start: number;
  end: number;
  name?: string;
}

/**
 * Turns `#name` into an ordinary property. iOS 14.0 has no private names, and the usual replacement, a
 * WeakMap for each, costs several kilobytes and time on exactly the devices that have least of it.
 */
export function plainPrivate(): Plugin {
  const known = new Set<string>();
  return {
    name: 'veridesk-plain-private',
    apply: 'build',
    enforce: 'post',
    // A class is never cut in two: within its chunk, a short name does.
    renderChunk(code) {
      let next = 0;
      const short = new Map<string, string>();
      const out = code.replace(/\b__(\w+)\b/g, (all, name: string) => {
        if (!known.has(name)) return all;
        while (!short.has(name)) {
          const candidate = `_${(next++).toString(36)}`;
          if (!new RegExp(`\\b${candidate}\\b`).test(code)) short.set(name, candidate);
        }
        return short.get(name) as string;
      });
      return out === code ? null : { code: out, map: null };
    },
    transform(code, id) {
      if (!code.includes('#') || !/\.(js|ts|svelte)$/.test(id)) return null;
      const names: Node[] = [];
      collect(this.parse(code) as unknown as Node, names);
      if (names.length === 0) return null;
      let out = '';
      let at = 0;
      for (const { start, end, name } of names.sort((a, b) => a.start - b.start)) {
        known.add(name as string);
        out += `${code.slice(at, start)}__${name}`;
        at = end;
      }
      return { code: out + code.slice(at), map: null };
    },
  };
}

function collect(node: Node, found: Node[]): void {
  if (node.type === 'PrivateIdentifier') found.push(node);
  for (const child of Object.values(node)) {
    for (const c of Array.isArray(child) ? child : [child]) {
      if (typeof c === 'object' && c !== null && 'type' in c) collect(c as Node, found);
    }
  }
}
