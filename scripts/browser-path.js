/** Where the browser is: the one that CHROMIUM_PATH names, else Playwright's own, else the system's. */
import { existsSync } from 'node:fs'

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
