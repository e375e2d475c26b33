import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test`: everything that needs nothing but npm. The interop tests have vitest.interop.config.ts. */
export default defineConfig({
  test: {
    include: ['{core,apps}/*/src/**/*.test.ts', 'apps/console/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/interop/**', 'test/**/*.browser.test.ts'],
    reporters: ['default', './tools/summary-reporter.ts'],
    // Generous, because a busy machine is no fault of the code: no test asserts a time.
    globalSetup: './test/kit/postgres-broker.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
