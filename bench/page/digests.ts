/** The page's side of the scenario `hash`: reads and digests the picked file, and reports how long that took. */
import { type Hasher, workerHasher } from '../../src/index.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'
import { watchLongTasks } from './long-tasks.ts'

/** Of one read of the whole file. */
export type ReadReport = { readonly ms: number; readonly longTasks: number }

const ours = workerHasher((kind) => worker(kind === 'all' ? 'worker-all.js' : 'worker.js'))
const bare = workerHasher(() => worker('workers/bare-read.js'))

function worker(url: string): Worker {
  return new Worker(url, { type: 'module' })
}

async function timed(hasher: Hasher, algorithm: DigestAlgorithm): Promise<ReadReport> {
  const file = document.querySelector('input')?.files?.[0]
  if (file === undefined) throw new Error('a file comes first')
  const call = { signal: new AbortController().signal }
  // Makes sure that the worker exists and has compiled what it needs.
  await hasher.digest(new Blob(['a']), algorithm, call)
  const longTasksBetween = watchLongTasks()
  const began = performance.now()
  await hasher.digest(file, algorithm, call)
  const ended = performance.now()
  const { count } = await longTasksBetween(began, ended)
  return { ms: ended - began, longTasks: count }
}

/** Bytes a millisecond. */
function fromMemory(algorithm: DigestAlgorithm): Promise<number> {
  const one = worker('workers/from-memory.js')
  one.postMessage(algorithm)
  return new Promise<number>((resolve, reject) => {
    one.onmessage = ({ data }: MessageEvent<number>) => resolve(data)
    one.onerror = () => reject(new Error(`${algorithm} cannot be measured`))
  }).finally(() => one.terminate())
}

const digests = {
  read: () => timed(bare, 'crc32'),
  digest: (algorithm: DigestAlgorithm) => timed(ours, algorithm),
  fromMemory,
}
Object.assign(globalThis, { digests })
