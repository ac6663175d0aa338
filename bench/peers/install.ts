/** Installs the packages of other contenders when they are needed and missing. */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('..', import.meta.url)

export function installPeers(say: (line: string) => void): void {
  // npm writes this file at the end of every install.
  if (modified('node_modules/.package-lock.json') >= modified('package-lock.json')) return
  say('installing the packages of bench/package-lock.json into bench/node_modules (npm ci)')
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: fileURLToPath(folder),
    encoding: 'utf8',
  })
  if (done.status !== 0) throw new Error(`npm ci has failed:\n${done.stdout}${done.stderr}`)
}

/** Milliseconds since 1970; 0 for a missing file. */
function modified(path: string): number {
  return statSync(new URL(path, folder), { throwIfNoEntry: false })?.mtimeMs ?? 0
}
