import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axeCore from 'axe-core';
import type { Frame, Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong in this frame, one line a finding, and whether the page is wider than the screen. */
export async function violations(place: Page | Frame): Promise<string[]> {
  await place.evaluate(source);
  return place.evaluate(async () => {
    // Colours half-way from one theme to the other are nobody's.
    const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map((a) => a.finished));
    const { axe } = window as unknown as { axe: typeof axeCore };
    const found = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      resultTypes: ['violations'],
      iframes: false,
    });
    const lines = found.violations.map(
      (v) =>
        `${v.id}: ${v.nodes.map((n) => `${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join(' | ')}`,
    );
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) lines.push(`wider than the screen: ${scrollWidth} > ${clientWidth}`);
    return lines;
  });
}

export const phone = { width: 360, height: 740 };
export const desktop = { width: 1440, height: 900 };
type Theme = 'light' | 'dark';
export type Look = readonly [Theme, typeof phone];
export const everyLook = [
  ['light', phone],
  ['dark', phone],
  ['light', desktop],
  ['dark', desktop],
] as const;

/** Looks at one screen in some themes and sizes; gives what is wrong, each with where. */
export async function look(
  page: Page,
  name: string,
  place: Page | Frame = page,
  looks: readonly Look[] = everyLook,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [colorScheme, size] of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    for (const v of await violations(place)) wrong.push(`${name}, ${colorScheme}, ${size.width} px: ${v}`);
  }
  return wrong;
}
