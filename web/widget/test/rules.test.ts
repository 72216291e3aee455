// @vitest-environment node
// What no compiler checks: rules of the style sheets and of the trimmed Svelte runtime.
import { describe, expect, it } from 'vitest';

const sheets = import.meta.glob<string>('../src/css/*.css', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const code = import.meta.glob<string>('../src/**/*.svelte{,.ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('style sheets', () => {
  const rules = Object.entries(sheets).flatMap(([name, text]) =>
    [...text.replace(/\/\*[\s\S]*?\*\//g, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(
      ([, selector, body]): [string, string] => [`${name}: ${(selector as string).trim()}`, body as string],
    ),
  );
  it('name no side: text runs from right to left as well', () => {
    const sides = /(?:^|;|\s)((?:margin|padding|border)-(?:left|right)[\w-]*|float|text-align):\s*([^;]+)/g;
    for (const [where, body] of rules) {
      for (const [, property, value] of body.matchAll(sides)) {
        const physical =
          property === 'text-align' || property === 'float' ? /left|right/.test(value as string) : true;
        // The device's own edges are where they are in every language.
        expect(physical && !/safe-area/.test(value as string), `${where} ${property}: ${value}`).toBe(false);
      }
      // A side that is turned round by hand, where the logical property is younger than our browsers.
      const name = where.slice(where.indexOf(': ') + 2);
      const turned = rules.some(([other]) => other.endsWith(`: [dir='rtl'] ${name}`));
      if (turned || name.includes("[dir='rtl']")) continue;
      const edge = (name: string) => new RegExp(`(?:^|;|\\s)${name}:\\s*([^;]+)`).exec(body)?.[1];
      expect(edge('left'), where).toBe(edge('right'));
      for (const [, all] of body.matchAll(/(?:margin|padding):\s*([^;]+)/g)) {
        const parts = (all as string).match(/(?:[^\s(]|\([^()]*(?:\([^()]*\)[^()]*)*\))+/g) ?? [];
        if (parts.length === 4 && !/safe-area/.test(all as string))
          expect(parts[1], `${where}: ${all}`).toBe(parts[3]);
      }
    }
  });
});

describe('components', () => {
  const all = Object.entries(code);
  it('are found', () => expect([Object.keys(sheets).length > 5, all.length > 20]).toEqual([true, true]));
  it('hold in $state only what is no object: the runtime has no deep proxies here (svelte_lean.ts)', () => {
    for (const [name, text] of all)
      expect(text, name).not.toMatch(
        /\$state(?:<[^>()]*(?:\[\]|\{|Map|Set|Record)[^()]*>)?\(\s*[[{]|\$state\(\s*new /,
      );
  });
  it('use nothing that the runtime was trimmed of', () => {
    for (const [name, text] of all)
      expect(text, name).not.toMatch(/<svelte:boundary|\{#await|\{await |\$inspect/);
  });
  it('bring no style sheet of their own: all of it comes with the page or with late.css', () => {
    for (const [name, text] of all) expect(text, name).not.toMatch(/import '[^']+\.css'/);
  });
});
