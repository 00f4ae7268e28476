import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

import { launchOptions } from './test/browser/launch.ts';

// Tests run the TypeScript sources: the export condition `source` leads there in every package.
// Without `import`: it would be given to Node for `require` as well, and CommonJS packages would load as modules.
const conditions = ['source', 'node', 'module'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'packages/*/src/**/*.test.ts',
            'server/src/**/*.test.ts',
            'client/src/**/*.test.ts',
            'client/editor/src/**/*.test.ts',
            'test/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.web.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The client's own tests once more, in Chromium with its IndexedDB, locks and timers.
        resolve: { conditions: ['source', 'browser', 'module', 'import', 'default'] },
        // A browser has no environment: these two repeat a run, see the tests that print their seed.
        define: { 'process.env': JSON.stringify({ SEED: process.env['SEED'], RUNS: process.env['RUNS'] ?? '12' }) },
        optimizeDeps: {
          include: ['dexie', 'fake-indexeddb', 'fast-check', 'fractional-indexing', 'hash-wasm', 'rxjs', 'zod'],
        },
        test: {
          name: 'chromium',
          include: [
            'client/src/*.test.ts',
            'client/src/{changes,replica,sync}/**/*.test.ts',
            'client/src/**/*.web.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
