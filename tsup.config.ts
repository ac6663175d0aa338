import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { defineConfig } from 'tsup'

const target = 'es2022'

/** The script-tag build has no second file to load a worker from. */
const inlineWorker: Plugin = {
  name: 'inline-worker',
  setup({ onResolve }) {
    onResolve({ filter: /default-hasher\.ts$/ }, () => ({
      path: fileURLToPath(new URL('src/hashing/inline-hasher.ts', import.meta.url)),
    }))
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
    entryPoints: ['src/hashing/worker.ts'],
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
  // On its own, so that it is one file that any server can serve as it is.
  {
    entry: { worker: 'src/hashing/worker.ts' },
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
