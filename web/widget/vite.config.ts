import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { plainPrivate } from '../tools/plain_private.ts';
import { svelteLean } from '../tools/svelte_lean.ts';

/**
 * The in-app centre's page: the frame's, with what a page of its own says in its head. Not a second entry:
 * what the two would share was then cut into more files than there is reason for.
 */
function appPage(): Plugin {
  return {
    name: 'veridesk-app-page',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return this.error('no index.html');
        const head = readFileSync(`${import.meta.dirname}/files/app_head.html`, 'utf8');
        const source = String(page.source).replace('<title>', `${head.trim()}\n    <title>`);
        this.emitFile({ type: 'asset', fileName: 'app.html', source });
      },
    },
  };
}

/** Vite's own way to import later fetches style sheets first; ours has none to fetch (see late.css). */
function noPreload(): Plugin {
  return {
    name: 'veridesk-no-preload',
    apply: 'build',
    enforce: 'pre',
    load: (id) =>
      id.includes('vite/preload-helper') ? 'export const __vitePreload = (load) => load();' : null,
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/widget/',
  plugins: [
    svelte({ configFile: '../svelte.config.js' }),
    plainPrivate(),
    svelteLean(),
    noPreload(),
    appPage(),
  ],
  publicDir: false,
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/realtime': { target: 'http://127.0.0.1:8080', ws: true } },
  },
  build: {
    outDir: '../../internal/web/assets/dist/widget',
    emptyOutDir: true,
    // Chrome 87 and iOS 14.0 by syntax. Named so, "?.(...spread)" would cost 2 KB for a defect of Chrome 87
    // that tools/floor.mjs checks we do not meet.
    target: 'es2021',
    cssTarget: ['chrome87', 'ios14'],
    assetsInlineLimit: 0,
    // Nothing to preload, and no sheet beside a script (see late.css).
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      // One file for all that opens it: each further one costs a request and compresses worse.
      output: { codeSplitting: { groups: [{ name: 'app', tags: ['$initial'] }] } },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      // Fields become plain assignments; nothing here depends on defining them.
      transform: { assumptions: { setPublicClassFields: true } },
      treeshake: {
        // Defines a class when loaded and therefore would stay, although we have no custom elements.
        moduleSideEffects: [
          { test: /svelte\/src\/internal\/client\/index\.js$/, sideEffects: false },
          { test: /svelte\/.*(custom-element|legacy-client)\.js$/, sideEffects: false },
        ],
      },
    },
  },
});
