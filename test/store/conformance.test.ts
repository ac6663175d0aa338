import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type ObjectStore, startObjectStore } from '../../demo/server/store/object-store.ts'
import { describeS3Conformance } from '../contracts/s3-conformance.ts'

let directory: string
let store: ObjectStore

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longhaul-conformance-'))
  store = await startObjectStore({ directory, buckets: ['uploads'] })
})
afterAll(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

describeS3Conformance('the embedded store', () => ({ ...store, bucket: 'uploads' }))
