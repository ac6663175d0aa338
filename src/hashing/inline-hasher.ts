import type { Hasher } from '../ports.ts'
import { workerHasher } from './worker-hasher.ts'

/** The whole script of the worker that knows every algorithm, put here by the build (tsup.config.ts). */
declare const LONGHAUL_WORKER_SOURCE: string

/** Of the worker's script: one for the page, for nobody knows when a worker that is cut has fetched it. */
let url: string | undefined

/** For the script tag: a worker cannot be loaded from another origin, so this build carries it inside. */
export function defaultHasher(): Hasher {
  return workerHasher(() => {
    url ??= URL.createObjectURL(new Blob([LONGHAUL_WORKER_SOURCE], { type: 'text/javascript' }))
    return new Worker(url)
  })
}
