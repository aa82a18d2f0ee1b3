import { writeSync } from 'node:fs';

/**
 * Ends every run with one plain line, `N passed, N failed, N skipped`, that people and CI can read alike.
 * A test file that can't even be loaded counts as one failure, so that it can't vanish from the figure.
 * Jest's own summary is written after all reporters have been told, hence the wait for the exit.
 */
export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    process.once('exit', () => {
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
    });
  }
}
