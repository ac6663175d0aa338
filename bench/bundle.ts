/** Bundles the page: the contenders' code, each loaded on its own, and the library as npm would give it. */
import { spawnSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** The sources' public surface, as npm would give it. */
const builtLibrary: Plugin = {
  name: 'built-library',
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/index\.ts$/ }, () => ({ path: fromHere('../dist/index.js') }))
    // The import of the documents' examples.
    onResolve({ filter: /^longhaul$/ }, () => ({ path: fromHere('../dist/index.js') }))
    onResolve({ filter: /\/src\/remote\/index\.ts$/ }, () => ({ path: fromHere('../dist/remote.js') }))
  },
}

/** Contenders that do not take part need not be installed. */
function contendersOnly(names: readonly string[]): Plugin {
  return {
    name: 'contenders-only',
    setup({ onLoad }) {
      onLoad({ filter: /\/page\/contenders\/[^/]+\.ts$/ }, ({ path }) =>
        names.includes(basename(path, '.ts')) ? undefined : { contents: '' },
      )
    },
  }
}

/** In a process of its own, because tsup's output must not appear on the standard output. */
export function buildLibrary(): void {
  const script = `await (await import(${JSON.stringify(fromHere('../demo/server/build.ts'))})).buildLibrary()`
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) throw new Error('the library could not be built')
}

/**
 * For every contender: Chromium compiles the functions before the clock starts, on another thread, which pages can do
 * too (decision 35).
 */
const banner = { js: '//# allFunctionsCalledOnLoad' }

/** @param contenders Names of files in `page/contenders/`. */
export async function bundlePage(folder: string, contenders: readonly string[]): Promise<void> {
  await build({
    entryPoints: [
      ...['main', 'digests'].map((name) => fromHere(`page/${name}.ts`)),
      ...['bare-read', 'from-memory', 'part-sender', 'engine'].map((name) =>
        fromHere(`page/workers/${name}.ts`),
      ),
    ],
    outbase: fromHere('page'),
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    banner,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    plugins: [builtLibrary, contendersOnly(contenders)],
  })
  copyFileSync(fromHere('page/index.html'), join(folder, 'index.html'))
  copyWorkers(folder)
}

/** Bundles one page into `folder`: a script `main.js`, and the document that loads it. */
export async function bundleScript(folder: string, script: string): Promise<void> {
  await build({
    entryPoints: { main: fromHere(script) },
    outdir: folder,
    bundle: true,
    minify: true,
    banner,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
    plugins: [builtLibrary],
  })
  copyFileSync(fromHere('page/index.html'), join(folder, 'index.html'))
  copyWorkers(folder)
}

/** The library looks for them beside its own bundle. */
function copyWorkers(folder: string): void {
  for (const worker of ['worker.js', 'worker-all.js'])
    copyFileSync(fromHere(`../dist/${worker}`), join(folder, worker))
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
