import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { chromium } from 'playwright'
import { defineConfig } from 'vitest/config'
import { chromiumLaunch } from './scripts/browser-path.js'

export default defineConfig({
  test: {
    projects: [
      {
        // The examples of the documents, as their readers write them.
        resolve: { alias: { longhaul: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/server.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [
              {
                browser: 'chromium',
                provider: playwright({ launchOptions: chromiumLaunch(chromium.executablePath()) }),
              },
            ],
          },
        },
      },
    ],
  },
})
