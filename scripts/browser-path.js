/**
 * Where the browsers are: the one that CHROMIUM_PATH or FIREFOX_PATH names, else Playwright's own, else the system's. WebKit is
 * the system's WebKitGTK, with its WebDriver and a display that shows nothing.
 */
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Chromium's own errands (updates, sync, QUIC probes) fail on a closed network, many at a time. */
export const chromiumArgs = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/**
 * @param {string | undefined} managed Where Playwright would have put its own.
 * @returns {string | undefined} `undefined`: Playwright's own is there and is to be used.
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

/** What `shellPath` finds; for each page the whole browser makes two of its own, hidden ones, with processes of theirs. */
export const shellPackage = 'chromium-headless-shell'

/** @returns {string | undefined} Debian's Chromium without windows. */
export function shellPath() {
  const path = `/usr/lib/chromium/${shellPackage}`
  return existsSync(path) ? path : undefined
}

/**
 * As `chromiumLaunch`, for the many tests that need the engine and not what a browser has around it: without windows, where that is there
 * and CHROMIUM_PATH names no other.
 *
 * @param {string | undefined} managed
 * @returns {{ executablePath?: string, args: string[] }}
 */
export function shellLaunch(managed) {
  const whole = chromiumLaunch(managed)
  const executablePath = process.env['CHROMIUM_PATH'] ? undefined : shellPath()
  // Playwright's own has it without windows already.
  if (whole.executablePath === undefined || executablePath === undefined) return whole
  return { ...whole, executablePath }
}

const systemFirefox = ['/usr/bin/firefox-esr', '/usr/bin/firefox']

/**
 * @param {string | undefined} managed Where Playwright would have put its own.
 * @returns {string | undefined} `undefined`: Playwright's own is there and is to be used, or there is none at all.
 */
export function firefoxPath(managed) {
  if (process.env['FIREFOX_PATH']) return process.env['FIREFOX_PATH']
  const isManaged = managed !== undefined && existsSync(managed)
  return isManaged ? undefined : systemFirefox.find((path) => existsSync(path))
}

/**
 * A Firefox that Playwright has not built is driven by WebDriver BiDi.
 *
 * @param {string | undefined} managed
 * @returns {{ channel?: string, executablePath?: string }}
 */
export function firefoxLaunch(managed) {
  const executablePath = firefoxPath(managed)
  return executablePath === undefined ? {} : { channel: 'moz-firefox', executablePath }
}

/** What the suite needs for WebKit. */
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
