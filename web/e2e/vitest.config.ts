import { defineConfig } from 'vitest/config';

// One worker: the browser and the servers are shared, and the machine that runs this is small.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.e2e.ts'],
    globalSetup: ['./stage/house.ts'],
    maxWorkers: 1,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 20_000,
    reporters: ['verbose'],
  },
});
