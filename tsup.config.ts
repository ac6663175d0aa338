import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { defineConfig, type Options } from 'tsup'

const target = 'es2022'

function source(name: string): string {
  return fileURLToPath(new URL(`src/hashing/${name}.ts`, import.meta.url))
}

/**
 * The builds for a CDN have no second file to load a worker from. They have every digest in the worker that they carry, and
 * only the common ones, not all of them twice, for the main thread of pages that may have no worker.
 */
const inlineWorker: Plugin = {
  name: 'inline-worker',
  setup({ onResolve }) {
    onResolve({ filter: /default-hasher\.ts$/ }, () => ({ path: source('inline-hasher') }))
    onResolve({ filter: /all-digests\.ts$/ }, () => ({ path: source('common-digests') }))
  },
}

/** The other entries import the main one as a file beside them, so that an application has it once. */
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

/** V8 compiles every function of the file while it loads, on another thread, and not when it is first called, on the page's main thread. */
const compiledEarly = '//# allFunctionsCalledOnLoad'

/** One file each, with everything inside, for pages that load it from anywhere. */
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
    // Each on its own, so that it is one file that any server can serve as it is.
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
