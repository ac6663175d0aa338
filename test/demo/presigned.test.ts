import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { Client, demoForTests, pathOf, type Started } from './rig.ts'

// Real servers and real bytes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

const mebibyte = 1024 * 1024
const names = [
  'plain.txt',
  '日本語 ファイル.mov',
  '100% #1? a+b & c=d.bin',
  '%2F%252e%2e.txt',
  'a\\b|c^d`e{f}.txt',
  "it's (the) best!*.txt",
  '..',
  'x/../../y',
]

let demo: Demo
let client: Client

beforeAll(async () => {
  demo = await demoForTests({ partSize: 5 * mebibyte })
  client = new Client(demo)
})
afterAll(() => demo.close())

async function upload(name: string, bytes: Uint8Array): Promise<Started> {
  const started = await client.start(name, bytes.length)
  const count = Math.max(1, Math.ceil(bytes.length / started.partSize))
  const etags: string[] = []
  for (let part = 1; part <= count; part += 1) {
    const offset = (part - 1) * started.partSize
    etags.push(await client.put(started, part, bytes.subarray(offset, offset + started.partSize)))
  }
  expect(await client.complete(started, etags)).toEqual({ status: 200, body: { key: started.key } })
  return started
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function path(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}

describe('an uploaded file', () => {
  test('comes back byte for byte from several parts', async () => {
    const bytes = randomBytes(11 * mebibyte)
    const { key } = await upload('several.bin', bytes)
    const response = await client.get(`/download/${path(key)}`)
    expect(sha256(await response.bytes())).toBe(sha256(bytes))
    const digest = await client.get(`/sha256/${path(key)}`)
    expect(await digest.json()).toEqual({ sha256: sha256(bytes), size: bytes.length })
  })

  test('may be empty', async () => {
    const { key } = await upload('empty.txt', new Uint8Array())
    const digest = await client.get(`/sha256/${path(key)}`)
    expect(await digest.json()).toEqual({ sha256: sha256(new Uint8Array()), size: 0 })
  })

  test.each(names)('may be called %s, and is downloaded under that name', async (name) => {
    const bytes = randomBytes(64)
    const { key } = await upload(name, bytes)
    const response = await client.get(`/download/${path(key)}`)
    expect(sha256(await response.bytes())).toBe(sha256(bytes))
    const called = decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(disposition(response))?.[1] ?? '')
    expect(called).toBe(key.split('/').at(-1))
  })

  function disposition(response: Response): string {
    return (
      response.headers.get('content-disposition') ??
      new URL(response.url).searchParams.get(dispositionQuery) ??
      ''
    )
  }
  const dispositionQuery = 'response-content-disposition'
})

describe('the part size', () => {
  test("is the server's setting", async () => {
    expect((await client.start('small', 1)).partSize).toBe(5 * mebibyte)
  })

  test.each([
    [50_000 * mebibyte, 5 * mebibyte],
    [50_000 * mebibyte + 1, 6 * mebibyte],
    [5 * 1024 ** 4, 525 * mebibyte],
  ])('lets %d bytes fit in 10,000 parts', async (size, partSize) => {
    const started = await client.start('large', size)
    expect(started.partSize).toBe(partSize)
    expect(Math.ceil(size / partSize)).toBeLessThanOrEqual(10_000)
    await client.abort(started)
  })
})

describe('the list of stored parts', () => {
  const list = ({ uploadId, key }: Started, after: unknown) =>
    client.post(`/list-parts/${pathOf(uploadId, key)}`, { after })

  test('has numbers, sizes and ETags, and starts after the requested part', async () => {
    const started = await client.start('a', 11 * mebibyte)
    expect((await list(started, 0)).body).toEqual({ parts: [], next: null })
    const third = await client.put(started, 3, Buffer.from('rest'))
    const first = await client.put(started, 1, Buffer.alloc(5 * mebibyte))
    const parts = [
      { PartNumber: 1, Size: 5 * mebibyte, ETag: `"${first}"` },
      { PartNumber: 3, Size: 4, ETag: `"${third}"` },
    ]
    expect((await list(started, 0)).body).toEqual({ parts, next: null })
    expect((await list(started, 1)).body).toEqual({ parts: parts.slice(1), next: null })
  })

  test('comes page by page', async () => {
    const started = await client.start('a', 50_000 * mebibyte)
    // A page of S3 has a thousand parts.
    for (let first = 1; first <= 1_002; first += 334)
      await client.putAll(
        started,
        Array.from({ length: 334 }, (_, index) => first + index),
      )
    const first = await list(started, 0)
    expect(first.body['next']).toBe(1_000)
    const second = await list(started, first.body['next'])
    expect(second.body).toMatchObject({ parts: [{ PartNumber: 1_001 }, { PartNumber: 1_002 }], next: null })
  })

  test.each([undefined, -1, '0', 10_001])('is refused for a start after %j', async (after) => {
    const answer = await list(await client.start('a', 1), after)
    expect(answer.status).toBe(400)
    expect(answer.body['error']).toContain('Expected `after` to be a whole number from 0 to 10000')
  })
})

describe('the status of an upload', () => {
  const state = async ({ uploadId, key }: Started) =>
    (await client.post(`/status/${pathOf(uploadId, key)}`, {})).body['state']

  test('is open, completed or gone', async () => {
    const started = await client.start('a', 1)
    expect(await state(started)).toBe('open')
    const etag = await client.put(started, 1, Buffer.from('a'))
    expect(await state(started)).toBe('open')
    await client.complete(started, [etag])
    expect(await state(started)).toBe('completed')
    const other = await client.start('b', 1)
    await client.abort(other)
    expect(await state(other)).toBe('gone')
  })
})

describe('a refusal of the storage is passed on with its status and code', () => {
  test('for an unknown upload: 404 NoSuchUpload', async () => {
    const { key } = await client.start('a', 1)
    const lost = { key, uploadId: 'no-such-upload', partSize: 1 }
    const list = client.post(`/list-parts/${pathOf(lost.uploadId, key)}`, { after: 0 })
    for (const answer of [await client.complete(lost, ['ab']), await client.abort(lost), await list])
      expect(answer).toMatchObject({ status: 404, body: { code: 'NoSuchUpload' } })
  })

  test('for an aborted upload', async () => {
    const started = await client.start('a', 1)
    const etag = await client.put(started, 1, Buffer.from('a'))
    expect((await client.abort(started)).status).toBe(204)
    expect((await client.complete(started, [etag])).status).toBe(404)
  })

  test('for a wrong ETag: 400 InvalidPart', async () => {
    const started = await client.start('a', 1)
    await client.put(started, 1, Buffer.from('a'))
    const answer = await client.complete(started, ['00000000000000000000000000000000'])
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidPart' } })
  })

  test('for an unknown object: 404', async () => {
    for (const endpoint of ['sha256', 'download'])
      expect((await client.get(`/${endpoint}/uploads/nothing/here`)).status).toBe(404)
  })
})

test('an upload id is split from the key correctly, whatever characters it has', async () => {
  const answer = await client.post(`/abort/${pathOf('a/b?c#d%2Fe+f', 'uploads/x/y')}`, {})
  expect(answer).toMatchObject({ status: 404, body: { code: 'NoSuchUpload' } })
})

test('a path with a slash at the end, as the document prints it, is accepted', async () => {
  const answer = await client.post('/start-upload/', { fileName: 'a', fileHash: 'ab', fileSize: 1 })
  expect(answer.status).toBe(200)
})

test('part URLs state their own lifetime', async () => {
  const { key, uploadId } = await client.start('a', 1)
  const { body } = await client.post('/get-upload-urls', { key, uploadId, parts: [1, 7] })
  const urls = body['urls'] as Record<string, string>
  expect(Object.keys(urls)).toEqual(['1', '7'])
  const query = new URL(urls['7'] ?? '').searchParams
  expect(query.get('X-Amz-Expires')).toBe('900')
  expect(query.get('partNumber')).toBe('7')
  expect([...query.keys()].filter((name) => /checksum/i.test(name))).toEqual([])
})
