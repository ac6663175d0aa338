/** Measures the library's cost for a page: its sources bundled as by an application's build, minified and gzipped. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

export type Measured = {
  /** Gzipped bytes that are loaded before the first line runs, without what `import()` loads later. */
  readonly bytes: number
  /** The bytes of each module, minified and not gzipped, the largest first. */
  readonly modules: readonly (readonly [path: string, bytes: number])[]
}

type Output = Metafile['outputs'][string]

const source = fileURLToPath(new URL('../src', import.meta.url))

/** The packages that longhaul depends on. */
export const packages = ['hash-wasm', 'idb-keyval', 'mitt'] as const

/**
 * @param contents The code of a module in src/.
 * @param outside Modules that are left out of the bundle.
 */
export async function measure(contents: string, outside: readonly string[] = []): Promise<Measured> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: source, loader: 'ts', sourcefile: 'application.ts' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['react', ...outside],
    outdir: source,
    absWorkingDir: source,
    metafile: true,
    write: false,
    logLevel: 'error',
  })
  const first = loadedAtOnce(metafile)
  const sizes = outputFiles
    .filter(({ path }) => first.some(([name]) => path.endsWith(`/${name}`)))
    .map(({ contents: bytes }) => gzipSync(bytes, { level: 9 }).length)
  return { bytes: sum(sizes), modules: modulesOf(first.map(([, output]) => output)) }
}

/** The entry and all outputs that it imports by `import` statements, directly or not. */
function loadedAtOnce({ outputs }: Metafile): readonly (readonly [string, Output])[] {
  const found = new Map<string, Output>()
  const add = (path: string): void => {
    const output = outputs[path]
    if (output === undefined || found.has(path)) return
    found.set(path, output)
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') add(next)
  }
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (entryPoint === 'application.ts') add(path)
  return [...found]
}

function modulesOf(outputs: readonly Output[]): Measured['modules'] {
  return outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .map(([path, { bytesInOutput }]) => [path.replace('../node_modules/', ''), bytesInOutput] as const)
    .sort(([, a], [, b]) => b - a)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
