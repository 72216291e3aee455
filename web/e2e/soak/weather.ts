// The plan of everything that goes wrong in a run: made from the seed before it begins, so that it can be made again.
import type { Dice } from './dice';
import type { House } from './house';
import { clear, type Faults } from './line';
import type { Tally } from './tally';

/** What everybody's line does in a storm when nothing worse happens. */
export const usual: Readonly<Faults> = { ...clear, swallow: 0.03, lost: 0.1, echo: 0.05 };

/** Whoever the weather happens to. */
export interface Person {
  readonly name: string;
  readonly line: { readonly faults: Faults; cut(): void };
  setOnline(online: boolean): void;
  setVisible(visible: boolean): void;
}

/** One thing that goes wrong: from `at` for `lasting` milliseconds. */
export interface Trouble {
  at: number;
  lasting: number;
  /** Index of the person, or of the node; Redis has none. */
  who: number;
  kind: Kind | 'kill' | 'redis';
}

type Kind = keyof typeof kinds;

interface Way {
  begin(p: Person): void;
  end(p: Person): void;
}

const set = (fault: Partial<Faults>): Way => ({
  begin: (p) => Object.assign(p.line.faults, fault),
  end: (p) => {
    for (const name of Object.keys(fault) as (keyof Faults)[])
      Object.assign(p.line.faults, { [name]: usual[name] });
  },
});
const withCut = (way: Way, after: boolean): Way => ({
  begin: (p) => {
    way.begin(p);
    if (!after) p.line.cut();
  },
  end: (p) => {
    way.end(p);
    // What was sent into a hole is lost, so the connection is.
    if (after) p.line.cut();
  },
});

const kinds = {
  /** Another cell tower: the connections are gone, the network is there. */
  cut: { begin: (p: Person) => p.line.cut(), end: () => undefined },
  outage: withCut(set({ down: true }), false),
  hole: withCut(set({ hole: true }), true),
  portal: withCut(set({ portal: true }), false),
  /** As an outage, and the device knows it. */
  tunnel: {
    begin: (p: Person) => {
      p.line.faults.down = true;
      p.line.cut();
      p.setOnline(false);
    },
    end: (p: Person) => {
      p.line.faults.down = false;
      p.setOnline(true);
    },
  },
  pocket: { begin: (p: Person) => p.setVisible(false), end: (p: Person) => p.setVisible(true) },
  'answers lost': set({ swallow: 0.5 }),
  'answers cut short': set({ cutShort: 0.5 }),
  'requests repeated': set({ twice: 0.5 }),
  'publications dropped': set({ lost: 0.5 }),
  'publications doubled': set({ echo: 0.5 }),
  slow: set({ delay: 800 }),
} satisfies Record<string, Way>;

const names = Object.keys(kinds) as Kind[];

/** @param seconds how long it rages @param each how many seconds of calm a person has between two troubles */
export function forecast(
  dice: Dice,
  {
    seconds,
    each,
    people,
    nodes,
    redis,
  }: { seconds: number; each: number; people: number; nodes: number; redis: boolean },
): Trouble[] {
  const plan: Trouble[] = [];
  const end = seconds * 1000;
  for (let who = 0; who < people; who++)
    for (let at = dice.between(0, each * 2000); at < end;) {
      const lasting = dice.between(300, 3_000);
      plan.push({ at, lasting: Math.min(lasting, end - at), who, kind: dice.pick(names) });
      at += lasting + dice.between(0, each * 2000);
    }
  // One node at a time, and none is left behind at the end.
  const killEvery = Math.max(4_000, Math.min(12_000, end / 3));
  for (let at = killEvery * 0.6; at < end - 1_000; at += killEvery)
    plan.push({ at, lasting: dice.between(100, 1_000), who: dice.between(0, nodes - 1), kind: 'kill' });
  if (redis)
    for (let at = killEvery * 1.2; at < end - 1_000; at += killEvery * 2)
      plan.push({ at, lasting: dice.between(200, 3_000), who: 0, kind: 'redis' });
  return plan.sort((a, b) => a.at - b.at);
}

/** Lets it all happen; resolves when the last trouble is over. */
export async function rage(
  plan: readonly Trouble[],
  people: readonly Person[],
  house: House,
  tally: Tally,
): Promise<void> {
  const began = performance.now();
  let powerCuts = Promise.resolve();
  const until = (at: number) =>
    new Promise((done) => setTimeout(done, Math.max(0, began + at - performance.now())));
  const happen = async ({ at, lasting, who, kind }: Trouble): Promise<void> => {
    await until(at);
    if (kind === 'kill') {
      // One after the other, however long a start takes.
      powerCuts = powerCuts.then(async () => {
        const node = house.nodes[who];
        await node?.kill();
        tally.add('kills');
        await pause(lasting);
        await node?.run();
      });
      return powerCuts;
    }
    if (kind === 'redis') {
      house.redis?.cut();
      tally.add('cuts of Redis');
      await until(at + lasting);
      return house.redis?.mend();
    }
    const person = people[who];
    if (person === undefined) return;
    tally.add(kind === 'cut' ? 'cuts' : `× ${kind}`);
    kinds[kind].begin(person);
    await until(at + lasting);
    kinds[kind].end(person);
  };
  await Promise.all(plan.map(happen));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** The plan as text, a line for each trouble. */
export function tell(plan: readonly Trouble[], people: readonly Person[]): string {
  return plan
    .map(({ at, lasting, who, kind }) => {
      const whom = kind === 'kill' ? `node ${who + 1}` : kind === 'redis' ? '' : people[who]?.name;
      return `${String(at).padStart(6)} ms  ${kind} ${whom ?? ''} for ${lasting} ms`;
    })
    .join('\n');
}
