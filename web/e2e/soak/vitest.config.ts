import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The front ends' own modules, compiled as for a browser, many people in one process of Node.
export default defineConfig({
  cacheDir: '../../node_modules/.vite-soak',
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    root: import.meta.dirname,
    environment: './environment.ts',
    include: ['*.test.ts', '*.soak.ts'],
    fileParallelism: false,
    // Node 20 has a WebSocket, but shows it only when asked.
    execArgv: process.allowedNodeEnvironmentFlags.has('--experimental-websocket')
      ? ['--experimental-websocket', '--no-warnings']
      : [],
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    slowTestThreshold: 600_000,
    reporters: ['verbose'],
  },
});
