import type { Hasher } from '../ports.ts'
import { workerHasher } from './worker-hasher.ts'

/** The workers are files of their own beside the bundle. Bundlers know this form, and bring them along. */
export function defaultHasher(): Hasher {
  return workerHasher((kind) =>
    kind === 'all'
      ? new Worker(new URL('./worker-all.js', import.meta.url), { type: 'module' })
      : new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }),
  )
}
