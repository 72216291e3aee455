import { defineConfig } from 'vitest/config';

// One worker: the machine that runs this is small, and the browser and the demos are shared.
export default defineConfig({
  cacheDir: '../node_modules/.vite-e2e',
  test: {
    root: import.meta.dirname,
    // The pictures of docs/images are taken on request only: npm run screenshots.
    include: [process.env['E2E_PICTURES'] ? 'pictures.ts' : '*.e2e.ts'],
    globalSetup: ['./stage/house.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 20_000,
    reporters: ['verbose'],
  },
});
