import { defineConfig } from '@playwright/test'
import { chromium } from 'playwright'
import type { StorageOption } from './e2e/fixtures.ts'
import { shellLaunch } from './scripts/browser-path.js'

const use = {
  browserName: 'chromium',
  launchOptions: shellLaunch(chromium.executablePath()),
} as const

/** Tests that need neither the embedded store nor the demo page. */
const onAnyStore = ['contract/*', 'upload', 'resume', 'network', 'kill'].map((name) => `**/${name}.test.ts`)

export default defineConfig<object, { readonly storage: StorageOption }>({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? 'list' : [['dot'], ['json']],
  globalSetup: './e2e/build.ts',
  // The tests spend most of their time waiting for slowed-down servers.
  workers: 2,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  // Only for tests that hang: no test asserts a machine's speed.
  expect: { timeout: 20_000 },
  projects: [
    { name: 'chromium', testIgnore: ['**/bundlers/**', '**/s3/**'], use },
    // On the S3 that the environment names, straight and through a relay that injects faults.
    { name: 's3', workers: 1, testMatch: '**/s3/**/*.test.ts', use: { ...use, storage: 's3' } },
    {
      name: 's3-relay',
      // All tests share one bucket.
      workers: 1,
      testMatch: onAnyStore,
      // These take minutes, and show nothing that others don't.
      grepInvert: [/seed ([3-9]|10)\)/, /a file named .* arrives under its name/],
      use: { ...use, storage: 's3 by relay' },
    },
    // As in `chromium`, but with a thousand uploads in one page, which takes minutes.
    { name: 'leaks', testMatch: '**/leaks.test.ts', use, metadata: { uploads: 1000 } },
    // In fresh applications, whose installation takes minutes.
    { name: 'bundlers', testMatch: ['**/bundlers.test.ts', '**/bundlers/**/*.test.ts'], use },
  ],
})
