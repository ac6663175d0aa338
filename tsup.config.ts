import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { defineConfig, type Options } from 'tsup'

const target = 'es2022'

function source(name: string): string {
  return fileURLToPath(new URL(`src/hashing/${name}.ts`, import.meta.url))
}

/**
 * The CDN builds have no second file to load a worker from, so they contain the worker with every digest. For pages that may
 * have no worker, they have only the common digests on the main thread, so that not all of them are in the file twice.
 */
const inlineWorker: Plugin = {
  name: 'inline-worker',
  setup({ onResolve }) {
    onResolve({ filter: /default-hasher\.ts$/ }, () => ({ path: source('inline-hasher') }))
    onResolve({ filter: /all-digests\.ts$/ }, () => ({ path: source('common-digests') }))
  },
}

/** The other entries import the main one as a separate file, so that an application loads it once. */
const mainOutside: Plugin = {
  name: 'main-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: './index.js', external: true }))
  },
}

async function workerSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/hashing/worker-all.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target,
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** Makes V8 compile every function on another thread while the file loads, and not on the main thread at the first call. */
const compiledEarly = '//# allFunctionsCalledOnLoad'

/** A single file with everything inside, for pages that load it from anywhere. */
function forPages(name: string, workers: string): Options {
  return {
    entry: { [name]: 'src/cdn.ts' },
    splitting: false,
    outExtension: () => ({ js: '.js' }),
    target,
    minify: true,
    banner: { js: compiledEarly },
    noExternal: [/.*/],
    define: { LONGHAUL_WORKER_SOURCE: JSON.stringify(workers) },
    esbuildPlugins: [inlineWorker],
  }
}

export default defineConfig(async () => {
  const workers = await workerSource()
  return [
    {
      entry: {
        index: 'src/index.ts',
        react: 'src/react/index.ts',
        element: 'src/element/index.ts',
        remote: 'src/remote/index.ts',
      },
      format: 'esm',
      target,
      dts: true,
      external: ['react'],
      esbuildPlugins: [mainOutside],
    },
    // Each is a single file, so that any server can serve it unchanged.
    {
      entry: { worker: 'src/hashing/worker.ts', 'worker-all': 'src/hashing/worker-all.ts' },
      format: 'esm',
      target,
      dts: true,
      minify: true,
      noExternal: [/.*/],
      splitting: false,
    },
    { ...forPages('longhaul.global', workers), format: 'iife', globalName: 'longhaul' },
    { ...forPages('longhaul.min', workers), format: 'esm' },
  ]
})
