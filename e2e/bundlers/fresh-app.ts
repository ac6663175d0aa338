/** New applications as a developer would begin them: an own folder, a bundler, and the package as npm would install it. */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type AppName = 'plain' | 'vite' | 'webpack' | 'esbuild' | 'parcel' | 'next' | 'angular'

export type Server = { readonly url: string; close(): Promise<void> }

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Outside the repository, so that the application cannot find our development packages. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'longhaul-app-'))
}

/** @returns The path of the tarball that `npm publish` would send. */
export function pack(folder: string): string {
  const command = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const [packed] = JSON.parse(run('npm', command, root)) as [{ readonly filename: string }]
  return join(folder, packed.filename)
}

/** Copies the application into the folder, and installs its packages. */
export function makeFreshApp(folder: string, name: AppName, tarball: string): void {
  cpSync(join(import.meta.dirname, name), folder, { recursive: true })
  for (const shared of ['app.js', 'options.js', 'upload-worker.js'])
    cpSync(join(import.meta.dirname, shared), join(folder, shared))
  cpSync(join(root, '.npmrc'), join(folder, '.npmrc'))
  if (name !== 'plain') run('npm', ['ci', '--prefer-offline'], folder)
  run('npm', ['install', '--prefer-offline', '--no-save', '--no-package-lock', tarball], folder)
}

export function buildApp(folder: string, env: Readonly<Record<string, string>> = {}): void {
  run('npm', ['run', 'build'], folder, env)
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/** Starts the bundler's own server. */
export async function serveApp(
  folder: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Server> {
  const port = await freePort()
  const [program = '', ...parameters] = command
  const child = spawn(join(folder, 'node_modules/.bin', program), [...parameters, '--port', String(port)], {
    cwd: folder,
    env: { ...environment(), ...env },
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const close = async (): Promise<void> => {
    child.kill()
    await ended
  }
  const url = `http://localhost:${port}`
  const failed = ended.then(() => Promise.reject(new Error(`${program} has ended before it served anything`)))
  await Promise.race([untilServed(url, ended), failed])
  failed.catch(() => {})
  return { url, close }
}

async function untilServed(url: string, ended: Promise<void>): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const isServed = async (): Promise<boolean> => (await fetch(url).catch(() => undefined))?.ok === true
  while (!isOver && !(await isServed())) await new Promise((resolve) => setTimeout(resolve, 100))
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function run(
  command: string,
  parameters: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const options = { cwd: folder, env: { ...environment(), ...env }, encoding: 'utf8' } as const
  const { status, stdout, stderr, error } = spawnSync(command, parameters, options)
  if (status === 0) return stdout
  throw new Error(`${command} ${parameters.join(' ')} failed:\n${stdout}${stderr}${error ?? ''}`)
}

/** The environment without the variables that npm and the test runner have set for this package. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_OPTIONS|NODE_ENV|INIT_CWD)/i.test(name),
  )
  return { ...Object.fromEntries(kept), NEXT_TELEMETRY_DISABLED: '1' }
}
