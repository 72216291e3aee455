import { existsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// sdk and rules run in plain Node, which proves that they need no document; the applications run in jsdom.
const project = (name: string, environment: 'node' | 'jsdom') => ({
  plugins: environment === 'jsdom' ? [svelte()] : [],
  resolve: environment === 'jsdom' ? { conditions: ['browser'] } : {},
  test: { name, environment, include: [`${name}/**/*.test.ts`] },
});

const apps = ['widget', 'console', 'site'].filter((dir) => existsSync(new URL(dir, import.meta.url)));
const pure = ['sdk', 'rules'].filter((dir) => existsSync(new URL(dir, import.meta.url)));

export default defineConfig({
  test: {
    projects: [...pure.map((p) => project(p, 'node')), ...apps.map((a) => project(a, 'jsdom'))],
  },
});
