import { defineConfig } from '@playwright/test'
import { chromium } from 'playwright'
import type { StorageOption } from './e2e/fixtures.ts'
import { shellLaunch } from './scripts/browser-path.js'

const use = {
  browserName: 'chromium',
  launchOptions: shellLaunch(chromium.executablePath()),
} as const

/** What is not about the embedded store or the demo's page. */
const onAnyStore = ['contract/*', 'upload', 'resume', 'network', 'kill'].map((name) => `**/${name}.test.ts`)

export default defineConfig<object, { readonly storage: StorageOption }>({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? 'list' : [['dot'], ['json']],
  globalSetup: './e2e/build.ts',
  // Mostly they wait, for what is slow on order.
  workers: 2,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  // For what has to come, however slow the machine is: a test that hangs ends by it, and no speed is asserted.
  expect: { timeout: 20_000 },
  projects: [
    { name: 'chromium', testIgnore: ['**/bundlers/**', '**/s3/**'], use },
    // On the S3 that the environment names: straight, and by a way that goes wrong on order.
    { name: 's3', workers: 1, testMatch: '**/s3/**/*.test.ts', use: { ...use, storage: 's3' } },
    {
      name: 's3-relay',
      // There is one bucket.
      workers: 1,
      testMatch: onAnyStore,
      // Minutes, of what others of these show too.
      grepInvert: [/seed ([3-9]|10)\)/, /a file named .* arrives under its name/],
      use: { ...use, storage: 's3 by relay' },
    },
    // As in `chromium`, but with a thousand uploads in one page: minutes.
    { name: 'leaks', testMatch: '**/leaks.test.ts', use, metadata: { uploads: 1000 } },
    // In fresh applications, which are installed: minutes.
    { name: 'bundlers', testMatch: ['**/bundlers.test.ts', '**/bundlers/**/*.test.ts'], use },
  ],
})
