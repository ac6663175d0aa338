import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { defineConfig } from 'tsup'

const target = 'es2022'

function source(name: string): string {
  return fileURLToPath(new URL(`src/hashing/${name}.ts`, import.meta.url))
}

/**
 * The script-tag build has no second file to load a worker from. It has every digest in the worker that it carries, and only
 * the common ones, not all of them twice, for the main thread of pages that may have no worker.
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

export default defineConfig(async () => [
  {
    entry: { index: 'src/index.ts', react: 'src/react/index.ts', element: 'src/element/index.ts' },
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
    minify: true,
    noExternal: [/.*/],
    splitting: false,
  },
  {
    entry: { 'longhaul.global': 'src/cdn.ts' },
    format: 'iife',
    globalName: 'longhaul',
    outExtension: () => ({ js: '.js' }),
    target,
    minify: true,
    noExternal: [/.*/],
    define: { LONGHAUL_WORKER_SOURCE: JSON.stringify(await workerSource()) },
    esbuildPlugins: [inlineWorker],
  },
])
