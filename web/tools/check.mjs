// Type-checks every part of web/ against its own tsconfig; svelte-check where there are components.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const steps = [
  ['tsc', '-p', 'tsconfig.json'],
  ...['sdk', 'rules', 'site', 'e2e'].map((dir) => ['tsc', '-p', `${dir}/tsconfig.json`]),
  ...['widget', 'console'].map((dir) => [
    'svelte-check',
    '--fail-on-warnings',
    '--output',
    'human',
    '--workspace',
    dir,
    '--tsconfig',
    `${dir}/tsconfig.json`,
  ]),
];

let failed = false;
for (const [command, ...args] of steps) {
  const config = args.at(-1);
  if (!existsSync(config)) continue;
  if (command === 'svelte-check') args.splice(-1, 1, 'tsconfig.json');
  const { status } = spawnSync(`node_modules/.bin/${command}`, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`check failed: ${config}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
