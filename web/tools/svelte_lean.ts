import type { Plugin } from 'vite';

/**
 * Leaves out of Svelte's runtime, in the widget only, what the widget never uses: hydration, the legacy
 * mode, deep reactive proxies, `await` in components with its forks and boundaries. Some 6 KB gzip of what
 * every customer downloads. The price: in the widget `$state` holds primitives only (else `$state.raw`),
 * no `<svelte:boundary>`, no `await` in markup (tests check it), and a new version of Svelte is looked at
 * here first: the build stops when a name below is no longer found.
 */
export function svelteLean(): Plugin {
  const missing = new Set([...Object.keys(whole), ...Object.keys(methods)]);
  return {
    name: 'veridesk-svelte-lean',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      const part = /\/svelte\/src\/internal\/(.+)$/.exec(id)?.[1];
      if (!part) return null;
      let out = code
        .replace(/(?<!function )\b(is_runes|should_defer_append)\(\)/g, (_, name) =>
          String(name === 'is_runes'),
        )
        .replace(/\b\w+\??\.is_fork\b(?!\s*=[^=])/g, 'false');
      if (Object.hasOwn(whole, part)) out = whole[part]!(out);
      for (const [name, body] of Object.entries(methods[part] ?? {})) out = replaceBody(out, name, body);
      missing.delete(part);
      return out === code ? null : { code: out, map: null };
    },
    buildEnd(error) {
      if (!error && missing.size > 0) this.error(`Svelte has changed: no ${[...missing].join(', ')}`);
    },
  };
}

/** Part of the runtime (a path within it) → what stands in its place. */
const whole: Record<string, (code: string) => string> = {
  'flags/index.js': () => `
    export const async_mode_flag = false, legacy_mode_flag = false, tracing_mode_flag = false;
    export const enable_async_mode_flag = () => {}, disable_async_mode_flag = () => {};
    export const enable_legacy_mode_flag = () => {}, enable_tracing_mode_flag = () => {};`,
  'client/dom/hydration.js': (code) =>
    must(
      must(code, 'export let hydrating = false;', 'export const hydrating = false;'),
      'hydrating = value;',
      '',
    ),
  'client/proxy.js': () => `
    export const proxy = (value) => value, get_proxied_value = (value) => value, is = Object.is;`,
  // In production each says an address, in a sentence of its own.
  'client/errors.js': (code) => terse(code, 'throw Error("svelte")'),
  'shared/errors.js': (code) => terse(code, 'throw Error("svelte")'),
  'client/warnings.js': (code) => terse(code, ''),
  'client/dom/blocks/boundary.js': () => `
    import { block, branch } from '../../reactivity/effects.js';
    export const boundary = (anchor, props, children) => void block(() => void branch(() => children(anchor)));
    export class Boundary {}
    export const pending = () => 0, get_boundary = () => null;`,
};

/** Functions and methods → what they do instead. */
const methods: Record<string, Record<string, string>> = {
  'client/reactivity/async.js': { flatten: 'fn(sync.map(derived));' },
  // The names of the properties do not change, so nothing needs a proxy.
  'client/reactivity/props.js': {
    spread_props: `
      const all = {};
      for (const part of props) {
        const now = () => (typeof part === 'function' ? part() : part);
        for (const name of Object.keys(now())) {
          Object.defineProperty(all, name, { get: () => now()[name], enumerable: true, configurable: true });
        }
      }
      return all;`,
  },
  'client/reactivity/batch.js': {
    '#is_deferred': 'return false;',
    '#is_skipped': '',
    '#find_earlier_batch': 'return null;',
    '#intersects': '',
    '#merge': '',
    '#defer_effects': '',
    '#commit': '',
    increment: '',
    decrement: '',
    transfer_reactions: '',
    settled: '',
  },
};

/** Every function of a generated file of messages, with another body. */
function terse(code: string, body: string): string {
  const names = [...code.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
  const rest = code.match(/^export \*.*$/gm) ?? [];
  return [...rest, ...names.map((name) => `export function ${name}() { ${body} }`)].join('\n');
}

function must(code: string, from: string, to: string): string {
  if (!code.includes(from)) throw new Error(`Svelte has changed: no "${from}"`);
  return code.replace(from, to);
}

/** The body of the function or method that begins on a line of its own, up to the brace in the same column. */
function replaceBody(code: string, name: string, body: string): string {
  const found = new RegExp(
    `^(\\s*)((?:export )?(?:function )?${name}\\([^)]*\\)) \\{\\n[\\s\\S]*?^\\1\\}`,
    'm',
  );
  if (!found.test(code)) throw new Error(`Svelte has changed: no function ${name}`);
  return code.replace(found, (_, indent: string, head: string) => `${indent}${head} { ${body} }`);
}
