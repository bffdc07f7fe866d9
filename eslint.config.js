// Lint rules: typescript-eslint's strictest set; what is switched off has a reason beside it.

import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'node_modules',
      'build',
      'interpreter/**',
      'tests/fixtures/hostile/**',
      'tests/fixtures/test262/**',
      'tests/bench/node_modules',
      'tests/bench/programs',
      'tests/bench/scripts',
      'eslint.config.js',
      'ava.config.js',
      // Runs as it is in a pod, without our types.
      'charts/paddock/files',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-eval': 'error',
      'max-lines-per-function': ['error', { max: 70, skipComments: true }],
      // Numbers and booleans read well in templates.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Node's test titles and Koa's middlewares are async by contract, with or without an await.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
