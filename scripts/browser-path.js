/**
 * Finds the browsers: the one that CHROMIUM_PATH or FIREFOX_PATH names, else Playwright's own, else the system's. WebKit is
 * the system's WebKitGTK, with its WebDriver and a virtual display.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Turns off Chromium's own requests (updates, sync, QUIC probes), many of which fail at once on a closed network. */
export const chromiumArgs = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/**
 * @param {string | undefined} managed The path at which Playwright installs its own.
 * @returns {string | undefined} `undefined` if Playwright's own is installed and should be used.
 */
export function chromiumPath(managed) {
  if (process.env['CHROMIUM_PATH']) return process.env['CHROMIUM_PATH']
  return managed !== undefined && existsSync(managed) ? undefined : system.find((path) => existsSync(path))
}

/**
 * @param {string | undefined} managed
 * @returns {{ executablePath?: string, args: string[] }}
 */
export function chromiumLaunch(managed) {
  const executablePath = chromiumPath(managed)
  return executablePath === undefined ? { args: chromiumArgs } : { executablePath, args: chromiumArgs }
}

/** The package of `shellPath`. The full browser makes two hidden pages for each page, with processes of their own. */
export const shellPackage = 'chromium-headless-shell'

/** @returns {string | undefined} The path of Debian's headless Chromium. */
export function shellPath() {
  const path = `/usr/lib/chromium/${shellPackage}`
  return existsSync(path) ? path : undefined
}

/**
 * Like `chromiumLaunch`, for the many tests that need only the engine: the headless Chromium, if it is installed and
 * CHROMIUM_PATH names no other.
 *
 * @param {string | undefined} managed
 * @returns {{ executablePath?: string, args: string[] }}
 */
export function shellLaunch(managed) {
  const whole = chromiumLaunch(managed)
  const executablePath = process.env['CHROMIUM_PATH'] ? undefined : shellPath()
  // Playwright's own Chromium brings its headless one along.
  if (whole.executablePath === undefined || executablePath === undefined) return whole
  return { ...whole, executablePath }
}

const systemFirefox = ['/usr/bin/firefox-esr', '/usr/bin/firefox']

/**
 * @param {string | undefined} managed The path at which Playwright installs its own.
 * @returns {string | undefined} `undefined` if Playwright's own is installed and should be used, or if there is none.
 */
export function firefoxPath(managed) {
  if (process.env['FIREFOX_PATH']) return process.env['FIREFOX_PATH']
  const isManaged = managed !== undefined && existsSync(managed)
  return isManaged ? undefined : systemFirefox.find((path) => existsSync(path))
}

/**
 * Playwright drives a Firefox that it has not built by WebDriver BiDi.
 *
 * @param {string | undefined} managed
 * @returns {{ channel?: string, executablePath?: string }}
 */
export function firefoxLaunch(managed) {
  const executablePath = firefoxPath(managed)
  return executablePath === undefined ? {} : { channel: 'moz-firefox', executablePath }
}

/** Programs that the suite needs for WebKit. */
export const webkitTools = ['WebKitWebDriver', 'Xvfb']

/**
 * @param {string} command
 * @returns {string | undefined}
 */
export function commandPath(command) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
