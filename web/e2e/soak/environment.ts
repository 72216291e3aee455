import type { Environment } from 'vitest/runtime';

/** Node with modules built as for browsers; what a page has of its own comes from page.ts, one for each agent. */
export default {
  name: 'people',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
