import { defineConfig } from '@playwright/test'
import { chromium } from 'playwright'
import { chromiumLaunch } from './scripts/browser-path.js'

const use = {
  browserName: 'chromium',
  launchOptions: chromiumLaunch(chromium.executablePath()),
} as const

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? 'list' : [['dot'], ['json']],
  // Two cores carry the browser and the storage that it sends to.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  // For what has to come, however slow the machine is: a test that hangs ends by it, and no speed is asserted.
  expect: { timeout: 20_000 },
  projects: [
    { name: 'chromium', testIgnore: '**/bundlers/**', use },
    // As in `chromium`, but with a thousand uploads in one page: minutes.
    { name: 'leaks', testMatch: '**/leaks.test.ts', use, metadata: { uploads: 1000 } },
    // In fresh applications, which are installed: minutes.
    { name: 'bundlers', testMatch: ['**/bundlers.test.ts', '**/bundlers/**/*.test.ts'], use },
  ],
})
