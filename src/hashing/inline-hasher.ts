import type { Hasher } from '../ports.ts'
import { workerHasher } from './worker-hasher.ts'

/** The whole script of the worker that knows every algorithm, inserted by the build (tsup.config.ts). */
declare const LONGHAUL_WORKER_SOURCE: string

/** The URL of the worker's script. One for the page, because nobody knows when a worker that is cut has fetched it. */
let url: string | undefined

/** For the CDN builds: a worker cannot be loaded from another origin, so they carry it inside. */
export function defaultHasher(): Hasher {
  return workerHasher(() => {
    url ??= URL.createObjectURL(new Blob([LONGHAUL_WORKER_SOURCE], { type: 'text/javascript' }))
    return new Worker(url)
  })
}
