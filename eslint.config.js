import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Which layer may import which; the drawing is in CONTRIBUTING.md, the proof in tools/workspace. */
const layers = [
  { sourceTag: 'layer:schema', onlyDependOnLibsWithTags: ['layer:none'] },
  { sourceTag: 'layer:base', onlyDependOnLibsWithTags: ['layer:base', 'layer:schema'] },
  { sourceTag: 'layer:client', onlyDependOnLibsWithTags: ['layer:base', 'layer:schema'] },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:client', 'layer:base', 'layer:schema'] },
  { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:base', 'layer:schema'] },
  {
    sourceTag: 'layer:tool',
    onlyDependOnLibsWithTags: ['layer:tool', 'layer:testing', 'layer:client', 'layer:base', 'layer:schema'],
  },
];

/** Tests may use the simulators whatever layer they test. */
const layersOfTests = layers.map(({ sourceTag, onlyDependOnLibsWithTags }) => ({
  sourceTag,
  onlyDependOnLibsWithTags: [...new Set([...onlyDependOnLibsWithTags, 'layer:testing', 'layer:base', 'layer:schema'])],
}));

const boundaries = (depConstraints) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], banTransitiveDependencies: true, depConstraints },
];

const CLOCK = 'time is a parameter: take a Clock from @aad-pod-identity/runtime';
const EXIT = 'only libs/runtime/src/main.ts ends the process';

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
/** Modules whose exports are timers, or clocks under another name. */
const CLOCK_MODULES = ['timers', 'timers/promises', 'perf_hooks'].flatMap((name) => [name, `node:${name}`]);
/** What tells or measures time, by the global object that has it. */
const CLOCK_PROPERTIES = {
  Date: ['now'],
  performance: ['now', 'timeOrigin', 'mark', 'measure'],
  process: ['hrtime', 'uptime'],
  AbortSignal: ['timeout'],
};
const MEMBERS = Object.entries(CLOCK_PROPERTIES).flatMap(([object, names]) =>
  names.map((property) => ({ object, property, message: CLOCK })),
);

/** The global object under any of its names, with a global that the rules above know only by its own. */
const ofGlobal = (selector) => `MemberExpression[object.name=/^(globalThis|global)$/]${selector}`;
const any = (names) => `/^(${names.join('|')})$/`;
const throughGlobal = [
  ...['property.name', 'property.value'].map((key) => ofGlobal(`[${key}=${any(TIMERS)}]`)),
  ...Object.entries(CLOCK_PROPERTIES).map(
    ([object, names]) =>
      `MemberExpression[object.object.name=/^(globalThis|global)$/][object.property.name='${object}'][property.name=${any(names)}]`,
  ),
];

/** `Date()` and `new Date()`, also through the global object; with an argument neither of these asks the clock. */
const readsDate = [
  "CallExpression[callee.name='Date']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.object.name=/^(globalThis|global)$/][callee.property.name='Date']",
  "NewExpression[callee.object.name=/^(globalThis|global)$/][callee.property.name='Date'][arguments.length=0]",
];

const clockRules = {
  'no-restricted-properties': ['error', ...MEMBERS, { object: 'process', property: 'exit', message: EXIT }],
  'no-restricted-globals': ['error', ...TIMERS.map((name) => ({ name, message: CLOCK }))],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        ...CLOCK_MODULES.map((name) => ({ name, message: CLOCK })),
        ...['process', 'node:process'].map((name) => ({
          name,
          message: 'process is a global; its clock is known there',
        })),
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    ...[...readsDate, ...throughGlobal].map((selector) => ({ selector, message: CLOCK })),
  ],
};

const sizes = {
  'max-lines-per-function': ['warn', { max: 40, skipBlankLines: true, skipComments: true }],
  'max-lines': ['warn', { max: 200, skipBlankLines: true, skipComments: true }],
};

const TESTS = ['**/*.test.ts', '**/test/**/*.ts'];

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '.nx', 'coverage'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layers),
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // an empty environment variable or flag counts as not given, which is what `||` says
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // strict forbids `!`; this stylistic rule would demand it
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      eqeqeq: 'error',
      ...sizes,
      ...clockRules,
    },
  },
  {
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(layersOfTests),
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['libs/runtime/src/clock.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-globals': 'off' },
  },
  {
    // what its timers set in motion is given turns of the event loop, which no time passes in
    files: ['libs/testing/src/fake-clock.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    files: ['libs/runtime/src/main.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);
