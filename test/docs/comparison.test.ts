/** The table of README.md that compares longhaul with others: what can be checked here is. */
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const readme = readFileSync(resolve(root, 'README.md'), 'utf8')
/** Kilobytes. */
const told = Number(/^\| gzip \| ([\d.]+) kB/m.exec(readme)?.[1])

/** Kilobytes of what a page loads at once: chunks that are loaded when they are needed, and workers, come later. */
async function measured(): Promise<number> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: "export { presigned, Uploader } from './src/index.ts'", resolveDir: root },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    absWorkingDir: root,
    outdir: 'unwritten',
    metafile: true,
    write: false,
  })
  const [entry, { imports = [] } = {}] =
    Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === '<stdin>') ?? []
  const atOnce = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
  const loaded = outputFiles.filter(({ path }) => [entry, ...atOnce].includes(relative(root, path)))
  return loaded.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000
}

test("longhaul's own size is that of the table: not more, and less by at most a kilobyte", async () => {
  const size = await measured()
  expect(told).toBeGreaterThanOrEqual(size - 0.05)
  expect(told).toBeLessThan(size + 1)
})
