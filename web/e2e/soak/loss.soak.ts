// Two hundred customers and twenty agents in a storm, with the front ends' own code: connections drop, networks
// swallow answers, servers are killed. What was acknowledged must be on both screens and in the database, once, in
// order, without a reload; what was not yet sent must go out by itself.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Crowd } from './crowd';
import { Dice } from './dice';
import { House } from './house';
import { openPages } from './page';
import { forecast, tell, type Trouble } from './weather';

openPages();

const full = process.env['VERIDESK_SOAK'] === 'full';
const seconds = full ? 300 : 10;
const size = {
  visitors: 200,
  agents: 20,
  visitorEvery: full ? 10_000 : 6_000,
  agentEvery: full ? 800 : 350,
};
/** Storms in one run at most. */
const rounds = 3;
const settling = full ? 180_000 : 90_000;
const timeout = rounds * seconds * 1000 + settling + 60_000;

/** What must have happened, or the run proves nothing: then it goes on. */
const must = [
  'kills',
  'cuts',
  'answers lost after the commit',
  'publications dropped',
  'WebSockets',
  'streams',
];

async function storm(house: House): Promise<void> {
  const seed = Number(process.env['VERIDESK_SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const dice = new Dice(seed);
  const clock = stopwatch();
  const crowd = await Crowd.gather(house, size, dice.child());
  const plans: Trouble[][] = [];
  const took = { gathered: clock(), storm: '', rest: '' };
  const findings: string[] = [];
  const weather = async () => {
    crowd.arrive(dice.child());
    do {
      const plan = forecast(dice.child(), {
        seconds,
        each: full ? 10 : 3,
        people: crowd.people.length,
        nodes: house.nodes.length,
        redis: house.redis !== undefined,
      });
      plans.push(plan);
      await crowd.goThrough(plan);
    } while (must.some((what) => crowd.tally.of(what) === 0) && plans.length < rounds);
    took.storm = clock();
    findings.push(...(await crowd.settle(settling)));
    took.rest = clock();
  };
  try {
    await crowd.watch(weather());
    findings.push(...crowd.complaints);
    if ((await house.conversations()) !== size.visitors)
      findings.push('a customer has more than one conversation');
    if (findings.length > 0)
      throw new Error(`${findings.length} findings:\n${findings.slice(0, 30).join('\n')}`);
    for (const what of must) expect(crowd.tally.of(what), what).toBeGreaterThan(0);
    expect(crowd.acknowledged.customers).toBeGreaterThan(size.visitors);
    expect(crowd.acknowledged.agents).toBeGreaterThan(0);
  } catch (error) {
    const file = join(mkdtempSync(join(tmpdir(), 'veridesk-soak-')), 'plan.txt');
    const logs = house.nodes.map((n, i) => `\n--- node ${i + 1}\n${n.output.slice(-20_000)}`);
    writeFileSync(file, plans.map((p) => tell(p, crowd.people)).join('\n\n') + logs.join(''));
    const again = `VERIDESK_SOAK_SEED=${seed} repeats the plan, which is in ${file} with the servers' logs`;
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${again}`, { cause: error });
  } finally {
    process.stdout.write(
      `\nseed ${seed}: gathered in ${took.gathered} s, storm of ${took.storm} s, at rest after ${took.rest} s; ${crowd.report}\n`,
    );
    await crowd.leave();
  }
}

/** Seconds since it was asked the last time. */
function stopwatch(): () => string {
  let before = performance.now();
  return () => {
    const now = performance.now();
    const took = (now - before) / 1000;
    before = now;
    return took.toFixed(1);
  };
}

test('nothing is lost and nothing shown twice · one node, SQLite', { timeout }, async () => {
  const house = await House.sqlite();
  try {
    await storm(house);
  } finally {
    await house.close();
  }
});

test(
  'nothing is lost and nothing shown twice · two nodes, PostgreSQL and Redis',
  { timeout },
  async ({ skip }) => {
    const missing = Object.entries({ POSTGRES: 'PostgreSQL', REDIS: 'Redis' }).filter(
      ([name]) => (process.env[`VERIDESK_TEST_${name}`] ?? '') === '',
    );
    for (const [name, engine] of missing) {
      const why = `VERIDESK_TEST_${name} names no server`;
      if (process.env[`VERIDESK_REQUIRE_${name}`] === '1') throw new Error(`${engine} is required: ${why}`);
      skip(why);
    }
    const house = await House.twoNodes(
      process.env['VERIDESK_TEST_POSTGRES'] ?? '',
      process.env['VERIDESK_TEST_REDIS'] ?? '',
    );
    try {
      await storm(house);
    } finally {
      await house.close();
    }
  },
);
