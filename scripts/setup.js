/**
 * Prepares a fresh clone: installs what is missing, and prints one line for each. Plain JavaScript that runs on Node 20,
 * because nothing is installed yet when it starts.
 *
 *     node scripts/setup.js [--browser] [--firefox] [--webkit]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const install = ['install', '-y', '-qq', '--no-install-recommends']

installPackages()
if (process.argv.includes('--browser')) await installChromium()
if (process.argv.includes('--firefox')) await installFirefox()
if (process.argv.includes('--webkit')) await installWebKit()

function installPackages() {
  // npm writes this file at the end of every install.
  const installed = modified('node_modules/.package-lock.json')
  if (installed >= modified('package-lock.json')) return
  say('installing the npm packages of package-lock.json into node_modules (npm ci)')
  run('npm', ['ci', '--no-audit', '--no-fund'])
}

async function installChromium() {
  const { chromiumPath } = await import('./browser-path.js')
  const { chromium } = await import('playwright')
  const managed = chromium.executablePath()
  if (!existsSync(chromiumPath(managed) ?? managed)) {
    if (canInstall()) installDebian(['chromium'], 'the browser tests')
    else installManaged('chromium')
  }
  await installShell(chromiumPath(managed))
}

/**
 * Installs the headless Chromium. Without it, the tests take longer. Not every release with Chromium has it.
 *
 * @param {string | undefined} chromium
 */
async function installShell(chromium) {
  const { shellPackage, shellPath } = await import('./browser-path.js')
  const isOfUse = chromium === '/usr/bin/chromium' && shellPath() === undefined && canInstall()
  if (!isOfUse || spawnSync('apt-cache', ['show', shellPackage]).status !== 0) return
  say(`installing Debian's ${shellPackage} to make the browser tests faster (apt-get)`)
  const [command = '', ...before] = aptGet()
  const steps = [
    ['update', '-qq'],
    [...install, shellPackage],
  ]
  if (steps.some((step) => spawnSync(command, [...before, ...step]).status !== 0))
    say('it could not be installed; the tests use the full browser, which takes longer')
}

async function installFirefox() {
  const { firefoxPath } = await import('./browser-path.js')
  const { firefox } = await import('playwright')
  const managed = firefox.executablePath()
  if (existsSync(firefoxPath(managed) ?? managed)) return
  if (canInstall()) installDebian(['firefox-esr'], 'the tests in Firefox')
  else installManaged('firefox')
}

async function installWebKit() {
  const { commandPath, webkitTools } = await import('./browser-path.js')
  const missing = webkitTools.filter((tool) => commandPath(tool) === undefined)
  if (missing.length === 0) return
  if (canInstall()) return installDebian(['webkit2gtk-driver', 'xvfb'], 'the tests in WebKit')
  say(
    `the tests in WebKit need ${missing.join(' and ')}, which are missing: install WebKitGTK's WebDriver and Xvfb`,
  )
  say('(Debian and Ubuntu: webkit2gtk-driver and xvfb; Fedora: webkit2gtk-driver and xorg-x11-server-Xvfb)')
  process.exit(1)
}

/** Whether there is Debian's package manager, and no password is needed for it. */
function canInstall() {
  if (!existsSync('/usr/bin/apt-get')) return false
  return process.getuid?.() === 0 || spawnSync('sudo', ['-n', 'true']).status === 0
}

/**
 * @param {string[]} packages
 * @param {string} what Who needs them.
 */
function installDebian(packages, what) {
  say(`installing Debian's ${packages.join(' and ')} for ${what} (apt-get)`)
  const [command = '', ...before] = aptGet()
  run(command, [...before, 'update', '-qq'])
  run(command, [...before, ...install, ...packages])
}

function aptGet() {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  return [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
}

/** @param {'chromium' | 'firefox'} browser */
function installManaged(browser) {
  say(`installing Playwright's ${browser} for the browser tests (playwright install)`)
  run('npx', ['playwright', 'install', browser])
}

/** @param {string} path */
function modified(path) {
  const file = new URL(path, root)
  return existsSync(file) ? statSync(file).mtimeMs : 0
}

/**
 * @param {string} command
 * @param {string[]} parameters
 */
function run(command, parameters) {
  // The installers' output is shown only if they fail.
  const done = spawnSync(command, parameters, { cwd: root, encoding: 'utf8' })
  if (done.status === 0) return
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}\n`)
  say(`\`${command} ${parameters.join(' ')}\` failed`)
  process.exit(1)
}

/** @param {string} what */
function say(what) {
  process.stderr.write(`longhaul setup: ${what}\n`)
}
