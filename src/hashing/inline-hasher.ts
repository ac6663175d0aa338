import type { Hasher } from '../ports.ts'
import { workerHasher } from './worker-hasher.ts'

/** The whole script of the worker that knows every algorithm, put here by the build (tsup.config.ts). */
declare const LONGHAUL_WORKER_SOURCE: string

/** For the script tag: a worker cannot be loaded from another origin, so this build carries it inside. */
export function defaultHasher(): Hasher {
  return workerHasher(() => {
    const url = URL.createObjectURL(new Blob([LONGHAUL_WORKER_SOURCE], { type: 'text/javascript' }))
    const worker = new Worker(url)
    // The worker has fetched it by the time of its first word, or of its failure.
    const release = (): void => URL.revokeObjectURL(url)
    worker.addEventListener('message', release, { once: true })
    worker.addEventListener('error', release, { once: true })
    return worker
  })
}
