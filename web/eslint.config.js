import globals from 'globals';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';

// The import law of web/: an application may import sdk and rules, never another application; sdk and
// rules import nobody and see no document, so that they run in a worker, a native web view and Node.
const apps = ['widget', 'console', 'site'];
const zones = [
  ...apps.flatMap((target) =>
    apps
      .filter((from) => from !== target)
      .map((from) => ({
        target: `./${target}`,
        from: `./${from}`,
        message: `${target} and ${from} are built and shipped separately; share through sdk or rules.`,
      })),
  ),
  ...['sdk', 'rules'].flatMap((target) =>
    apps.map((from) => ({
      target: `./${target}`,
      from: `./${from}`,
      message: 'sdk and rules know no application.',
    })),
  ),
  { target: './rules', from: './sdk', message: 'rules are pure text rules; they know no API.' },
  {
    target: './sdk',
    from: './rules',
    message: 'applications combine sdk and rules; neither needs the other.',
  },
];

const page = [
  'document',
  'window',
  'navigator',
  'localStorage',
  'sessionStorage',
  'location',
  'history',
  'alert',
  'requestAnimationFrame',
].map((name) => ({ name, message: 'sdk and rules have no DOM: take what you need as an argument.' }));

export default tseslint.config(
  { ignores: ['node_modules', '**/dist/**'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    plugins: { 'import-x': importX },
    settings: {
      'import-x/ignore': ['node_modules'],
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.svelte', '.json'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-constant-condition': 'error',
      'no-debugger': 'error',
      'no-unsafe-finally': 'error',
      'no-self-assign': 'error',
      'no-dupe-else-if': 'error',
      'no-useless-escape': 'error',
      'no-async-promise-executor': 'error',
      'no-empty': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      // TypeScript itself knows which names exist.
      'no-undef': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'no-undef': 'off',
      // Caches and indexes are deliberately not reactive; what is shown is $state.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['sdk/**/*.ts', 'rules/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', ...page] },
  },
  {
    files: ['tools/**', '*/dev/**', '*.config.*', '**/vite*.config.ts', 'eslint.config.js'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off', 'no-undef': 'off' },
  },
);
