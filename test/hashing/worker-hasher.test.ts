import { expect, test } from 'vitest'
import { workerHasher } from '../../src/hashing/worker-hasher.ts'

test('that there is no worker is said to the first who listens, whoever has digested before', async () => {
  const hasher = workerHasher(() => {
    throw new DOMException('no workers here', 'SecurityError')
  })
  const { signal } = new AbortController()
  const said: string[] = []
  const call = { signal, onWarning: (message: string) => said.push(message) }
  // As parts are that were stored on an earlier visit, before anything else.
  await hasher.digest(new Blob(['a']), 'md5', { signal })
  for (const one of [call, call]) await hasher.digest(new Blob(['a']), 'md5', one)
  expect(said).toEqual([expect.stringContaining('main thread')])
})
