import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { chromium, firefox } from 'playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import type { BrowserInstanceOption } from 'vitest/node'
import { webkitGtk } from './e2e/engines/drivers/vitest-webkit.ts'
import { firefoxLaunch, shellLaunch } from './scripts/browser-path.js'

const servers = [
  'test/backends/*-server.test.ts',
  'test/contract/**/*.test.ts',
  'test/demo/**/*.test.ts',
  'test/docs/**/*.test.ts',
  'test/files/**/*.test.ts',
]

const packages = [
  '@testing-library/react',
  'axe-core',
  'hash-wasm',
  'idb-keyval',
  'mitt',
  'react',
  'react-dom/client',
  'react-dom/server',
  'react/jsx-dev-runtime',
]

type InBrowserOptions = {
  readonly alias?: Readonly<Record<string, string>>
  readonly instance?: BrowserInstanceOption
}

function inChromium(): BrowserInstanceOption {
  const launchOptions = shellLaunch(chromium.executablePath())
  return { browser: 'chromium', provider: playwright({ launchOptions }) }
}

function inFirefox(): BrowserInstanceOption {
  const launchOptions = firefoxLaunch(firefox.executablePath())
  return { browser: 'firefox', provider: playwright({ launchOptions }) }
}

function inBrowser(
  name: string,
  include: string,
  { alias = {}, instance = inChromium() }: InBrowserOptions = {},
): TestProjectInlineConfiguration {
  return {
    resolve: { alias },
    // If Vite found them in the middle of a run, it would reload the page.
    optimizeDeps: { include: [...packages] },
    test: {
      name,
      include: [include],
      ...patience,
      globalSetup: ['test/browser/server.ts'],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        instances: [instance],
      },
    },
  }
}

const shown = 'test/browser/{element,react}/*.test.{ts,tsx}'

/** The suite of the three engines, run in one of them. */
function inEngine(engine: string): TestProjectInlineConfiguration {
  const include = ['e2e/engines/suite.ts']
  const test = { name: `engine-${engine}`, include, environment: 'node', env: { ENGINE: engine } } as const
  return { test: { ...test, ...patience, testTimeout: 180_000 } }
}

/** Limits in milliseconds, only for tests that hang: no test asserts a machine's speed. Projects do not inherit them. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

export default defineConfig({
  test: {
    projects: [
      {
        // For the examples of the documents, which import `longhaul` as their readers do.
        resolve: { alias: { longhaul: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/package/**', 'test/fuzz/**', 'test/s3/**', ...servers],
          environment: 'node',
          ...patience,
        },
      },
      // The built package.
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/build.ts'],
          environment: 'node',
          ...patience,
        },
      },
      // The reference servers, and the Uploader against them, with real waiting times: too long for `npm run check`.
      { test: { name: 'servers', include: servers, environment: 'node', ...patience } },
      // A step of its own in `npm test`. It is too long for `npm run check`, which runs a sample.
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], environment: 'node', ...patience } },
      // Against the S3 that the environment names.
      { test: { name: 's3', include: ['test/s3/**/*.test.ts'], environment: 'node', ...patience } },
      inBrowser('browser', 'test/browser/**/*.test.{ts,tsx}'),
      // React's previous major version, in place of the current one.
      inBrowser('browser-react-18', 'test/browser/react/*.test.tsx', {
        alias: { react: 'react-18', 'react-dom': 'react-dom-18' },
      }),
      inEngine('chromium'),
      inEngine('firefox'),
      inEngine('webkit'),
      // The element and the React tests in the other engines. In Chromium they are part of `browser`.
      inBrowser('shown-in-firefox', shown, { instance: inFirefox() }),
      inBrowser('shown-in-webkit', shown, { instance: { browser: 'webkit', provider: webkitGtk() } }),
    ],
  },
})
