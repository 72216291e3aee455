import { defineConfig } from 'vite';

// One classic script without imports, beside the application's files.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: '../../internal/web/assets/dist/widget',
    emptyOutDir: false,
    target: ['chrome87', 'ios14'],
    rollupOptions: {
      input: `${import.meta.dirname}/loader.ts`,
      output: { format: 'iife', entryFileNames: 'loader.js' },
    },
  },
});
