import base from '../jest.config.js';

/** The real tools, one file after another: each starts programs of its own on the same two cores. */
export default {
  ...base,
  rootDir: '..',
  roots: ['<rootDir>/e2e'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
