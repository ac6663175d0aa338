/** Builds the suite's page: the harness of the other end-to-end tests, with the library bundled as in an application. */
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { buildLibrary } from '../../demo/server/build.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const library = here('../../dist')

/** @param folder Is replaced. */
export async function buildEnginesPage(folder: string): Promise<void> {
  buildLibrary()
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(here('../harness'), folder, { recursive: true })
  await cp(here('page'), folder, { recursive: true })
  await build({
    entryPoints: [join(library, 'index.js')],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outfile: join(folder, 'longhaul.js'),
  })
  await build({
    entryPoints: ['remote-page', 'upload-worker'].map((name) => here(`remote/${name}.js`)),
    alias: { longhaul: join(library, 'index.js'), 'longhaul/remote': join(library, 'remote.js') },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: folder,
  })
  await cp(here('remote/remote.html'), join(folder, 'remote.html'))
  // The bundle looks for them beside itself.
  for (const worker of ['worker.js', 'worker-all.js']) await cp(join(library, worker), join(folder, worker))
}
