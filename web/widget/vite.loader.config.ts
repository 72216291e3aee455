import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const read = (file: string) => readFileSync(`${import.meta.dirname}/${file}`, 'utf8');

// One classic script without imports, beside the application's files; and what is served as it is.
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [
    {
      name: 'veridesk-files',
      generateBundle() {
        for (const file of ['veridesk.d.ts', 'files/manifest.webmanifest', 'files/icon.svg']) {
          this.emitFile({ type: 'asset', fileName: file.replace('files/', ''), source: read(file) });
        }
      },
    },
  ],
  build: {
    outDir: '../../internal/web/assets/dist/widget',
    emptyOutDir: false,
    // See vite.config.ts.
    target: 'es2021',
    rollupOptions: {
      input: `${import.meta.dirname}/loader.ts`,
      output: { format: 'iife', entryFileNames: 'loader.js' },
    },
  },
});
