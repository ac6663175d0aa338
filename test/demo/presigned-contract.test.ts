import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { Client, demoForTests } from './rig.ts'

const mebibyte = 1024 * 1024

let demo: Demo
let client: Client

beforeAll(async () => {
  demo = await demoForTests({ partSize: 5 * mebibyte })
  client = new Client(demo)
})
afterAll(() => demo.close())

describe('a request outside the contract is answered 400 with a message', () => {
  const file = { fileName: 'a', fileHash: 'ab', fileSize: 1 }
  const place = { key: 'uploads/a/b', uploadId: 'u' }
  const part = { PartNumber: 1, ETag: 'ab' }

  test.each<readonly [string, string, unknown, string]>([
    ['/start-upload', 'no JSON', '{', 'Expected the body to be JSON, got "{"'],
    ['/start-upload', 'a list', [], 'Expected `the body` to be an object, got []'],
    [
      '/start-upload',
      'no name',
      { ...file, fileName: undefined },
      'Expected `fileName` to be a string, got nothing',
    ],
    [
      '/start-upload',
      'a name of another type',
      { ...file, fileName: 7 },
      'Expected `fileName` to be a string, got 7',
    ],
    [
      '/start-upload',
      'no hash',
      { ...file, fileHash: undefined },
      'Expected `fileHash` to be a string, got nothing',
    ],
    [
      '/start-upload',
      'an empty hash',
      { ...file, fileHash: '' },
      'Expected `fileHash` to be a string that is not',
    ],
    [
      '/start-upload',
      'no size',
      { ...file, fileSize: undefined },
      'Expected `fileSize` to be a whole number from 0',
    ],
    [
      '/start-upload',
      'a size in quotes',
      { ...file, fileSize: '1' },
      'Expected `fileSize` to be a whole number from 0',
    ],
    [
      '/start-upload',
      'a size below 0',
      { ...file, fileSize: -1 },
      'Expected `fileSize` to be a whole number from 0',
    ],
    [
      '/start-upload',
      'half a byte',
      { ...file, fileSize: 0.5 },
      'Expected `fileSize` to be a whole number from 0',
    ],
    [
      '/start-upload',
      'a size beyond S3',
      { ...file, fileSize: 6e13 },
      'Expected `fileSize` to be a whole number',
    ],
    [
      '/get-upload-urls',
      'no key',
      { uploadId: 'u', parts: [1] },
      'Expected `key` to be a string, got nothing',
    ],
    [
      '/get-upload-urls',
      'no upload',
      { key: place.key, parts: [1] },
      'Expected `uploadId` to be a string, got nothing',
    ],
    ['/get-upload-urls', 'no parts', place, 'Expected `parts` to be a list that is not empty, got nothing'],
    [
      '/get-upload-urls',
      'an empty list',
      { ...place, parts: [] },
      'Expected `parts` to be a list that is not empty',
    ],
    [
      '/get-upload-urls',
      'part 0',
      { ...place, parts: [1, 0] },
      'Expected `parts[1]` to be a whole number from 1 to',
    ],
    [
      '/get-upload-urls',
      'part 10,001',
      { ...place, parts: [10_001] },
      'Expected `parts[0]` to be a whole number',
    ],
    [
      '/get-upload-urls',
      'a part in quotes',
      { ...place, parts: ['1'] },
      'Expected `parts[0]` to be a whole number',
    ],
    [
      '/get-upload-urls',
      'a field too many',
      { ...place, parts: [1], size: 3 },
      'Unknown field `size` in the body',
    ],
    [
      '/get-upload-urls',
      'another’s key',
      { ...place, key: 'a', parts: [1] },
      'Expected a key of this server',
    ],
    [
      '/complete/u/uploads/a/b',
      'no parts',
      {},
      'Expected `parts` to be a list that is not empty, got nothing',
    ],
    [
      '/complete/u/uploads/a/b',
      'an empty list',
      { parts: [] },
      'Expected `parts` to be a list that is not empty',
    ],
    [
      '/complete/u/uploads/a/b',
      'no ETag',
      { parts: [{ PartNumber: 1 }] },
      'Expected `parts[0].ETag` to be a string',
    ],
    [
      '/complete/u/uploads/a/b',
      'no number',
      { parts: [{ ETag: 'a' }] },
      'Expected `parts[0].PartNumber` to be',
    ],
    [
      '/complete/u/uploads/a/b',
      'a part twice',
      { parts: [part, part] },
      'Expected `parts[1].PartNumber` to be a whole',
    ],
    [
      '/complete/u/uploads/a/b',
      'falling order',
      { parts: [{ ...part, PartNumber: 2 }, part] },
      '`parts[1].PartNumber`',
    ],
    [
      '/complete/u/uploads/a/b',
      'a field too many',
      { parts: [{ ...part, size: 1 }] },
      'Unknown field `size` in parts[0]',
    ],
    ['/complete/u/elsewhere/b', 'another’s key', { parts: [part] }, 'Expected a key of this server'],
    ['/complete/u', 'no key', { parts: [part] }, 'Expected a key of this server'],
    ['/complete/%FF/uploads/a/b', 'a path that is no text', { parts: [part] }, 'percent-encoded UTF-8'],
    ['/abort/u/uploads/%2e%2e%2f/b', 'a key with dots', {}, 'Expected a key of this server'],
  ])('%s with %s', async (endpoint, _, body, message) => {
    const answer = await client.post(endpoint, body)
    expect(answer.body['error']).toContain(message)
    expect(answer.status).toBe(400)
  })

  test("start with fields of the application's own is accepted", async () => {
    await expect(client.start('a', 1, { album: '42', tags: ['x'] })).resolves.toMatchObject({
      partSize: 5 * mebibyte,
    })
  })
})
