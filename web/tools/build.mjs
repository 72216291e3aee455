// Builds every front end that is present into internal/web/assets/dist/, where Go embeds it.
// `npm run build -- widget` builds only what is named: widget, console, site. VERIDESK_DIST names another
// directory than the one that Go embeds.
import { existsSync, readdirSync } from 'node:fs';
import { build } from 'vite';

const root = new URL('..', import.meta.url).pathname;
const dist = process.env['VERIDESK_DIST'] ?? `${root}../internal/web/assets/dist`;
const wanted = process.argv.slice(2);
const asked = (name) => wanted.length === 0 || wanted.includes(name);

const quiet = { checks: { pluginTimings: false } };
const configs = [
  ['widget', 'widget/vite.config.ts'],
  ['widget', 'widget/vite.loader.config.ts'],
  ['widget', 'widget/vite.sw.config.ts'],
  ['console', 'console/vite.config.ts'],
];
for (const [name, file] of configs) {
  if (!asked(name) || !existsSync(root + file)) continue;
  await build({
    configFile: root + file,
    root: root + name,
    logLevel: 'warn',
    build: { outDir: `${dist}/${name}`, rollupOptions: quiet },
  });
}

// The site's small scripts: each file becomes one classic script of the same name, no chunks.
const scripts = existsSync(`${root}site`)
  ? readdirSync(`${root}site`).filter((f) => f.endsWith('.ts') && !/\.(test|d|config)\.ts$/.test(f))
  : [];
if (asked('site')) {
  for (const [i, file] of scripts.entries()) {
    await build({
      configFile: false,
      root: `${root}site`,
      logLevel: 'warn',
      publicDir: false,
      build: {
        outDir: `${dist}/site`,
        emptyOutDir: i === 0,
        // A stylesheet beside the script, not within it: the content policy allows no style elements.
        cssCodeSplit: false,
        target: ['chrome87', 'ios14'],
        rollupOptions: {
          ...quiet,
          input: `${root}site/${file}`,
          output: { format: 'iife', entryFileNames: '[name].js', assetFileNames: 'style[extname]' },
        },
      },
    });
  }
}
