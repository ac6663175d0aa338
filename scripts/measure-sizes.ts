/** What the library costs a page: its sources bundled as an application's build does it, minified and gzipped. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

export type Measured = {
  /** Bytes, gzipped, of what is loaded before the first line runs; what `import()` loads later is not in it. */
  readonly bytes: number
  /** Bytes of each module in it, minified and not gzipped, the largest first. */
  readonly modules: readonly (readonly [path: string, bytes: number])[]
}

type Output = Metafile['outputs'][string]

const source = fileURLToPath(new URL('../src', import.meta.url))

/** Packages that an application gets along with longhaul. */
export const packages = ['hash-wasm', 'idb-keyval', 'mitt'] as const

/**
 * @param contents A module beside those of src/.
 * @param outside What is left out of it.
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

/** The entry, and what it imports by `import` statements, and those in turn. */
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
