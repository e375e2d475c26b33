import { defineConfig } from 'vitest/config';

/** `npm run test:interop`: against Debian's programs, browser among them, which test/interop/run.sh installs. One file at a time: they own ports. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts', 'test/**/*.browser.test.ts'],
    reporters: ['default', './tools/summary-reporter.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
