import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { fileName } from '../fuzz/names.ts'
import { Client, demoForTests } from './rig.ts'

let demo: Demo
let client: Client

beforeAll(async () => {
  demo = await demoForTests()
  client = new Client(demo)
})
afterAll(() => demo.close())

const names = fc.sample(fileName, { numRuns: 60, seed: 20261125 })

test('a file with any name gets a key below the prefix, or a refusal that says why', async () => {
  for (const name of [...names, '../../etc/passwd', 'x'.repeat(10_240)]) {
    const { status, body } = await client.post('/start-upload', {
      fileName: name,
      fileHash: 'a',
      fileSize: 1,
    })
    if (status === 200) {
      expect(body['key'], name).toMatch(/^uploads\/[\w-]{16}\/[^/]+$/)
      expect(
        await client.post('/get-upload-urls', { key: body['key'], uploadId: body['uploadId'], parts: [1] }),
        name,
      ).toMatchObject({
        status: 200,
      })
    } else {
      // 431: percent-encoded UTF-8 that is longer than everything the store reads of a request before its body.
      expect([400, 431], name.slice(0, 80)).toContain(status)
      expect(body['error']).toEqual(expect.any(String))
    }
  }
}, 60_000)
