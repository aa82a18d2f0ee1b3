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
const clockRules = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: CLOCK },
    { object: 'performance', property: 'now', message: CLOCK },
    { object: 'AbortSignal', property: 'timeout', message: CLOCK },
    { object: 'process', property: 'exit', message: 'only libs/runtime/src/main.ts ends the process' },
  ],
  'no-restricted-globals': ['error', ...['setTimeout', 'setInterval'].map((name) => ({ name, message: CLOCK }))],
  'no-restricted-imports': [
    'error',
    {
      paths: ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'].map((name) => ({
        name,
        message: CLOCK,
      })),
    },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
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
    files: ['libs/runtime/src/main.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
);
