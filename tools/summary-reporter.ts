/** Ends a test run with one line for people and scripts: `N passed, N failed`, and `, N skipped` where some were. */
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let failedTests = 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'failed') failedTests += 1;
        // A test that never ran counts as failed: an interrupted run must not look green.
        count[state === 'pending' ? 'failed' : state] += 1;
      }
      // A file that broke before or around its tests has failed though none of them did.
      if (failedTests === 0 && !module.ok()) count.failed += 1;
    }
    console.log(`\n${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}`);
  }
}
