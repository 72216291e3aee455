import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is yes; says what was waited for when it never is. */
export async function until(what: string, milliseconds: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms in vain: ${what}`);
    await pause(50);
  }
}
