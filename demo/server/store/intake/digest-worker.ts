/** Digests the bytes that the store receives, so that the store's own thread can go on receiving. */
import { parentPort } from 'node:worker_threads'
import { createDigester, type DigestAlgorithm, type Digester } from './digest-algorithm.ts'

export type DigestRequest =
  | { readonly kind: 'open'; readonly id: number; readonly algorithms: readonly DigestAlgorithm[] }
  | {
      readonly kind: 'update'
      readonly id: number
      readonly slab: SharedArrayBuffer
      readonly length: number
    }
  | { readonly kind: 'finish'; readonly id: number }
  | { readonly kind: 'drop'; readonly id: number }

/** One answer for each `update` and `finish`, in their order. */
export type DigestAnswer = {
  readonly id: number
  readonly digests: readonly (readonly [DigestAlgorithm, Uint8Array])[]
}

type Digesters = readonly (readonly [DigestAlgorithm, Digester])[]

const underway = new Map<number, Digesters>()
// If an algorithm is WebAssembly, opening it is asynchronous, so later messages have to wait.
let queue: Promise<void> = Promise.resolve()

parentPort?.on('message', (request: DigestRequest) => {
  queue = queue.then(() => serve(request))
})

async function serve(request: DigestRequest): Promise<void> {
  const { kind, id } = request
  if (kind === 'open') return void underway.set(id, await open(request.algorithms))
  if (kind === 'drop') return void underway.delete(id)
  const digesters = underway.get(id) ?? []
  if (kind === 'update') {
    const bytes = new Uint8Array(request.slab, 0, request.length)
    for (const [, digester] of digesters) digester.update(bytes)
    return answer({ id, digests: [] })
  }
  underway.delete(id)
  answer({ id, digests: digesters.map(([algorithm, digester]) => [algorithm, digester.digest()]) })
}

function open(algorithms: readonly DigestAlgorithm[]): Promise<Digesters> {
  return Promise.all(
    algorithms.map(async (algorithm) => [algorithm, await createDigester(algorithm)] as const),
  )
}

function answer(digests: DigestAnswer): void {
  parentPort?.postMessage(digests)
}
