/** Node runs the sources as they are; Jest needs SWC only to strip the types. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.nx'],
  // A limit for what hangs, not a measure: a test of a second may take twenty where others have the processor.
  testTimeout: 60_000,
  // Most tests wait for something most of the time; with the default, a machine of two cores runs one at a time. More
  // than two make leases and watches late, and with them tests of what happens in time.
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/tools/workspace/src/jest-summary-reporter.js'],
};
