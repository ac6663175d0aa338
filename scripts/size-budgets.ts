/** The size that each part of the library may have, and how it is measured. Bytes, minified and gzipped. */
import { readFileSync } from 'node:fs'
import { type Measured, measure, packages } from './measure-sizes.ts'

export type Budget = {
  readonly name: string
  /** The largest size that it should have. */
  readonly target: number
  /** The largest size that the test allows, if the target is not met yet. It goes down, and goes up only for a bug fix. */
  readonly ceiling?: number
  readonly measure: () => Promise<Measured>
}

const uploader =
  "import { Uploader } from './uploader.ts'\nglobalThis.made = (backend) => new Uploader({ backend })\n"

/** Everything that an upload needs on the main thread. */
const application = uploader + using('./backends/presigned.ts', 'presigned')

/** The code that backends share. */
const shared = uploader + using('./backends/define-backend.ts', 'defineBackend')

const remote = using('./remote/index.ts', 'RemoteUploader')

/** The code that a React page with its Uploader in a worker loads, without the drop zone. */
export const remoteWithHooks: () => Promise<Measured> = () =>
  measure(
    ['useInterrupted', 'useUpload', 'useUploaderFrom', 'useUploads'].reduce(
      (all, hook) => all + using('./react/index.ts', hook),
      remote,
    ),
  )

export const budgets: readonly Budget[] = [
  {
    name: 'an upload, with its packages',
    target: 20_000,
    ceiling: 35_100,
    measure: () => measure(application),
  },
  {
    name: 'an upload, our own code',
    target: 9_000,
    ceiling: 34_950,
    measure: () => measure(application, packages),
  },
  { name: 'presigned', target: 1_500, measure: () => over(shared, './backends/presigned.ts', 'presigned') },
  { name: 'fragno', target: 1_500, ceiling: 2_775, measure: () => overPresigned('fragno') },
  { name: 'bkend', target: 1_500, ceiling: 2_090, measure: () => overPresigned('bkend') },
  { name: 'newton', target: 1_500, measure: () => overPresigned('newton') },
  { name: 'activeStorage', target: 1_500, measure: () => overPresigned('active-storage', 'activeStorage') },
  { name: 'longhaul/react', target: 1_500, measure: () => entry('./react/index.ts') },
  {
    name: 'the page of an upload in a worker',
    // 1.2 kB of it for features that the Uploader in the page has too: `uploadFiles` with its summary (0.6), one upload for the
    // same file, parts at hand, and a worker that is made when it is needed, or a port to one.
    target: 7_250,
    ceiling: 7_695,
    measure: () => measure(remote),
  },
  {
    name: 'worker (xxHash64, CRCs, MD5)',
    target: 12_000,
    measure: worker,
  },
]

function using(file: string, name: string): string {
  return `import { ${name} } from '${file}'\nglobalThis.${name} = ${name}\n`
}

function overPresigned(file: string, name: string = file): Promise<Measured> {
  return over(application, `./backends/${file}.ts`, name)
}

/** The size that a module adds to an application that has everything else. */
async function over(base: string, file: string, name: string): Promise<Measured> {
  const [without, all] = await Promise.all([
    measure(base, packages),
    measure(base + using(file, name), packages),
  ])
  const before = new Map(without.modules)
  const added = all.modules.map(([path, bytes]) => [path, bytes - (before.get(path) ?? 0)] as const)
  return { bytes: all.bytes - without.bytes, modules: added.filter(([, bytes]) => bytes > 0) }
}

/** Measures the worker's own text. The bundler would drop an import without names, because of package.json's `sideEffects`. */
function worker(): Promise<Measured> {
  const text = readFileSync(new URL('../src/hashing/worker.ts', import.meta.url), 'utf8')
  return measure(text.replaceAll("from './", "from './hashing/"))
}

/** Another entry, without the main one. */
function entry(file: string): Promise<Measured> {
  return measure(`export * from '${file}'`, ['../index.ts'])
}
