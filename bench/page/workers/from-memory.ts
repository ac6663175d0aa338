/** Digests bytes that are already in memory. Receives an algorithm, and answers with bytes a millisecond. */
import { makers } from '../../../src/hashing/all-digests.ts'
import type { DigestAlgorithm } from '../../../src/ports.ts'

/** The size of a file's slices. */
const size = 4 * 1024 ** 2
const enough = 500

addEventListener('message', ({ data }: MessageEvent<DigestAlgorithm>) => {
  void measure(data).then((rate) => postMessage(rate))
})

async function measure(algorithm: DigestAlgorithm): Promise<number> {
  const digest = await makers[algorithm]?.()
  if (digest === undefined) throw new TypeError(`there is no ${algorithm}`)
  const bytes = new Uint8Array(size).map((_, index) => (index * 31) % 251)
  digest.update(bytes)
  const began = performance.now()
  let times = 0
  while (performance.now() - began < enough) {
    digest.update(bytes)
    times += 1
  }
  await digest.digest()
  return (times * size) / (performance.now() - began)
}
