/** Builds what the demo serves. */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const built = [
  'index.js',
  'index.d.ts',
  'react.js',
  'element.js',
  'remote.js',
  'worker.js',
  'worker-all.js',
  'longhaul.global.js',
  'longhaul.min.js',
]

/** Does nothing if the build is newer than every source. Shows the build's output only if it fails. */
export function buildLibrary(): void {
  if (isFresh()) return
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--run', 'build'], {
    cwd: fromRoot('.'),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The library could not be built:\n${stdout}${stderr}`)
}

export async function buildPage(): Promise<void> {
  await build({ configFile: fromRoot('demo/vite.config.ts'), logLevel: 'warn' })
}

function isFresh(): boolean {
  const sources = readdirSync(fromRoot('src'), { recursive: true, encoding: 'utf8' })
  const changed = ['tsup.config.ts', ...sources.map((source) => `src/${source}`)].map(modified)
  return Math.min(...built.map((file) => modified(`dist/${file}`))) > Math.max(...changed)
}

/** Milliseconds since 1970; 0 for a missing file. */
function modified(path: string): number {
  return statSync(fromRoot(path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}
