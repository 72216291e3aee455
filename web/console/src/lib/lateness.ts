// When waiting has taken too long, by the promise of the team. A red number always comes with this reason.

import type { Micros, TeamQueue } from '../../../sdk';
import { secondsSince } from './duration';

/** What a team promises when it has said nothing, in seconds. */
export const usualAnswer = 120;

/** Seconds within which the team answers; 0 when it promises nothing. */
export function answerWithin(queue: TeamQueue | undefined): number {
  const said = queue?.answer_within ?? 0;
  return said < 0 ? 0 : said === 0 ? usualAnswer : said;
}

/** Whether somebody who waits since then waits longer than promised; never when nothing was promised. */
export function isLate(since: Micros, within: number, now: Date): boolean {
  return since > 0 && within > 0 && secondsSince(since, now) > within;
}
