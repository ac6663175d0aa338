import type { Hasher } from '../ports.ts'
import { workerHasher } from './worker-hasher.ts'

/** The worker is a file of its own beside the bundle; bundlers know this form and bring it along. */
export function defaultHasher(): Hasher {
  return workerHasher(() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }))
}
