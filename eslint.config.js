import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What a CommonJS or ESM script of ours may use without declaring it. */
const nodeGlobals = {
  AbortController: 'readonly',
  AbortSignal: 'readonly',
  DOMException: 'readonly',
  MessageChannel: 'readonly',
  URL: 'readonly',
  clearTimeout: 'readonly',
  console: 'readonly',
  performance: 'readonly',
  process: 'readonly',
  queueMicrotask: 'readonly',
  setTimeout: 'readonly',
};
const commonjsGlobals = { ...nodeGlobals, require: 'readonly', module: 'writable', __dirname: 'readonly' };

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,

  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // A forgotten await is the classic mistake with this library. An error everywhere, in
      // specs, benches and examples too; `void promise` says that nobody waits on purpose.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',

      // Numbers print as they are; everything else in a template must be text already.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => channel.close()` as a callback is the plainest way to say it.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `for (;;)` and `while (true)` are how a tasklet that serves is written.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'always' }],
      // A name that begins with _ is there for the shape of a signature.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // What was caught is raised again as it is, whatever it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: false },
      ],
      // `(this: void)` says that a function of the platform may be called on its own.
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },

  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-console': 'error',
    },
  },

  {
    files: ['spec/**/*.ts'],
    rules: {
      // chai's `expect(x).to.be.true` is an expression whose reading is the assertion.
      '@typescript-eslint/no-unused-expressions': 'off',
      // A spec's tasklet is often `async () => {}` so that it has the type of those that do wait.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // A spec throws what a careless user would throw, to see that it comes out whole.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // That something returns nothing is asserted like anything else that it returns.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // A class may be there to be looked at only.
      '@typescript-eslint/no-extraneous-class': 'off',
      // An assertion compares a method with a method; it does not call it without its object.
      '@typescript-eslint/unbound-method': 'off',
      // `expect(hit.value!).…` fails its test by itself when there is nothing.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-properties': [
        'error',
        ...['describe', 'context', 'it', 'specify'].flatMap((object) => [
          { object, property: 'only', message: 'It hides every other test.' },
          { object, property: 'skip', message: 'Mend the test or delete it.' },
        ]),
      ],
    },
  },

  {
    // Programs and benches print: that is their output.
    files: ['examples/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },

  { files: ['**/*.js', '**/*.mjs'], languageOptions: { globals: nodeGlobals } },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: commonjsGlobals } },
);
