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
    // Found in the middle of a run, they would make the page load again.
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

/** The suite of the three engines, in one of them. */
function inEngine(engine: string): TestProjectInlineConfiguration {
  const include = ['e2e/engines/suite.ts']
  const test = { name: `engine-${engine}`, include, environment: 'node', env: { ENGINE: engine } } as const
  return { test: { ...test, ...patience, testTimeout: 180_000 } }
}

/** For tests that hang, in milliseconds: how fast a machine is is not asserted. Projects do not inherit it. */
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } }

export default defineConfig({
  test: {
    projects: [
      {
        // The examples of the documents, as their readers write them.
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
      // The reference servers, and the Uploader on them, in real time, waits and all: too long for `npm run check`.
      { test: { name: 'servers', include: servers, environment: 'node', ...patience } },
      // A step of its own in `npm test`: too long for `npm run check`, which has a sample of it.
      { test: { name: 'fuzz', include: ['test/fuzz/**/*.test.ts'], environment: 'node', ...patience } },
      // Against the S3 that the environment names.
      { test: { name: 's3', include: ['test/s3/**/*.test.ts'], environment: 'node', ...patience } },
      inBrowser('browser', 'test/browser/**/*.test.{ts,tsx}'),
      // React's former major, in place of the one that the packages ask for.
      inBrowser('browser-react-18', 'test/browser/react/*.test.tsx', {
        alias: { react: 'react-18', 'react-dom': 'react-dom-18' },
      }),
      inEngine('chromium'),
      inEngine('firefox'),
      inEngine('webkit'),
      // What shows uploads, where the engine is another; in Chromium it is part of `browser`.
      inBrowser('shown-in-firefox', shown, { instance: inFirefox() }),
      inBrowser('shown-in-webkit', shown, { instance: { browser: 'webkit', provider: webkitGtk() } }),
    ],
  },
})
