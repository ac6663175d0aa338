/**
 * Makes a fresh clone ready: installs what is missing, and says in one line each what that is. Plain JavaScript that
 * runs on Node 20, because nothing is installed yet when it starts.
 *
 *     node scripts/setup.js [--browser]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const root = new URL('..', import.meta.url)

installPackages()
if (process.argv.includes('--browser')) await installBrowser()

function installPackages() {
  // npm writes this file at the end of every install.
  const installed = modified('node_modules/.package-lock.json')
  if (installed >= modified('package-lock.json')) return
  say('installing the npm packages of package-lock.json into node_modules (npm ci)')
  run('npm', ['ci', '--no-audit', '--no-fund'])
}

async function installBrowser() {
  const { chromiumPath } = await import('./browser-path.js')
  const { chromium } = await import('playwright')
  const managed = chromium.executablePath()
  const path = chromiumPath(managed) ?? managed
  if (existsSync(path)) return
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    say("installing Debian's chromium package for the browser tests (apt-get)")
    const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    run('apt-get', ['update', '-qq'], quiet)
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
  } else {
    say("installing Playwright's Chromium for the browser tests (playwright install)")
    run('npx', ['playwright', 'install', 'chromium'])
  }
}

/** @param {string} path */
function modified(path) {
  const file = new URL(path, root)
  return existsSync(file) ? statSync(file).mtimeMs : 0
}

/**
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 */
function run(command, parameters, options = {}) {
  // What the installers print is kept back, and shown only where they fail.
  const done = spawnSync(command, parameters, { cwd: root, encoding: 'utf8', ...options })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}\n`)
  say(`\`${command} ${parameters.join(' ')}\` failed`)
  process.exit(1)
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`longhaul setup: ${what}\n`)
}
