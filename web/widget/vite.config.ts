import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { plainPrivate } from '../tools/plain_private.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: '/widget/',
  plugins: [svelte({ configFile: '../svelte.config.js' }), plainPrivate()],
  publicDir: false,
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/realtime': { target: 'http://127.0.0.1:8080', ws: true } },
  },
  build: {
    outDir: '../../internal/web/assets/dist/widget',
    emptyOutDir: true,
    target: ['chrome87', 'ios14'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Fields become plain assignments; nothing here depends on defining them.
      transform: { assumptions: { setPublicClassFields: true } },
      treeshake: {
        // Defines a class when loaded and therefore would stay, although we have no custom elements.
        moduleSideEffects: [{ test: /svelte\/.*(custom-element|legacy-client)\.js$/, sideEffects: false }],
      },
    },
  },
});
