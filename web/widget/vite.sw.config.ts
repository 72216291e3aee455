import { defineConfig } from 'vite';

// The in-app centre's service worker: one classic script.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: '../../internal/web/assets/dist/widget',
    emptyOutDir: false,
    target: 'es2021',
    rollupOptions: {
      input: `${import.meta.dirname}/sw.ts`,
      output: { format: 'iife', entryFileNames: 'sw.js' },
    },
  },
});
