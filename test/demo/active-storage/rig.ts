import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Demo } from '../../../demo/server/demo.ts'
import { demoForTests } from '../rig.ts'
import { ActiveStorageClient } from './client.ts'

/** A demo for the tests of a file, and a client for each test. Faults that a test orders end with the test. */
export function withClients(use: (client: ActiveStorageClient, demo: Demo) => void): void {
  let demo: Demo
  let client: ActiveStorageClient
  beforeAll(async () => {
    demo = await demoForTests()
  })
  afterAll(() => demo.close())
  beforeEach(async () => {
    client = await ActiveStorageClient.open(demo)
    use(client, demo)
  })
  afterEach(async () => {
    demo.store?.faults.clear()
    await client.control('DELETE /faults')
    await client.control('PATCH /settings', { origins: [], validation: 'list' })
  })
}
