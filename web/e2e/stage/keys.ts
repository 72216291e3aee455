import type { Page } from 'playwright-core';

/** Presses a key until the answer is yes; a person would give up after as many. */
export async function pressUntil(page: Page, key: string, there: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if (await there()) return;
    await page.keyboard.press(key);
  }
  throw new Error(`pressed ${key} 40 times in vain`);
}
