/** The adapter for Active Storage and the real Uploader against the reference server: real requests, real bytes, read back. */
import { describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import {
  type ActiveStorageOptions,
  activeStorage,
  activeStorageBlob,
} from '../../src/backends/active-storage.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import type {
  Backend,
  CheckpointStore,
  Json,
  PartTarget,
  PartTransport,
  UploadResult,
} from '../../src/ports.ts'
import { type ActiveStorageClient, endpointOf } from '../demo/active-storage/client.ts'
import { withClients } from '../demo/active-storage/rig.ts'
import { call } from '../demo/calls.ts'
import { activeStorageContract } from '../demo/contract/active-storage.ts'
import { fetchTransport } from '../fakes/fetch-transport.ts'
import { until } from '../until.ts'
import { failureOf } from './app-server.ts'
import { bytesOf, fileWith, type RealPage, type RealPageOptions, realPage } from './real-page.ts'

// Real servers and real bytes, on a machine that may be busy.
vi.setConfig({ testTimeout: 30_000 })

let demo: Demo
let client: ActiveStorageClient

withClients((one, its) => {
  client = one
  demo = its
})

async function newKey(): Promise<string> {
  return String((await call(client.base, 'POST /api/session')).body['apiKey'])
}

async function page(
  options: Omit<RealPageOptions<Json>, 'backend'> = {},
  own: ActiveStorageOptions = {},
): Promise<RealPage> {
  const backend = activeStorage({
    baseUrl: client.base,
    headers: { 'x-api-key': await newKey() },
    ...own,
  })
  return realPage(backend as Backend as Backend<Json>, options)
}

const bytes = bytesOf(1_000_003)
const vendor = endpointOf.vendor
const fault = (effect: object, endpoint: string = vendor, times = 1) =>
  client.control('POST /faults', { endpoint, times, effect })

async function expectStored(result: UploadResult, content: Uint8Array = bytes): Promise<void> {
  expect((await client.download(activeStorageBlob(result).signed_id)).equals(content)).toBe(true)
}

describe('a file', () => {
  test('arrives byte for byte with one call and one PUT, and the result is its blob', async () => {
    const own = await page()
    const result = await own.uploader.uploadFile(fileWith(bytes, 'x/ü.csv', 'Text/CSV; charset=utf-8'))
    await expectStored(result)
    expect([own.asked.length, own.sent]).toEqual([1, [1]])
    expect(activeStorageBlob(result)).toMatchObject({
      key: result.key,
      filename: 'x-ü.csv',
      content_type: 'text/csv',
      byte_size: bytes.length,
    })
    expect(JSON.stringify(result)).not.toContain('X-Amz')
    expect(result.checksums).toEqual({ md5: expect.stringMatching(/^[\da-f]{32}$/) })
  })

  test('may be empty', async () => {
    await expectStored(
      await (await page()).uploader.uploadFile(fileWith(Buffer.alloc(0), 'none')),
      Buffer.alloc(0),
    )
  })

  test.each(['日本 🎉.mov', "it's 100% #1 & more!*.bin", '../up', 'a\u0001b'])(
    'may be called %j',
    async (name) => {
      await expectStored(await (await page()).uploader.uploadFile(fileWith(bytes, 'a'), { name }))
    },
  )

  test("goes to a Rails application with that application's cookie and token", async () => {
    const session = await call(client.base, 'POST /session')
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
    const csrf = () => String(session.body['csrfToken'])
    const path = '/rails/active_storage/direct_uploads'
    await expectStored(
      await (await page({}, { path, csrf, headers: { cookie } })).uploader.uploadFile(fileWith(bytes, 'a')),
    )
    const without = await page({}, { path, csrf: () => 'wrong', headers: { cookie } })
    expect(await failureOf(without.uploader.uploadFile(fileWith(bytes, 'a')))).toMatchObject({
      status: 422,
      retryable: false,
      message: expect.stringContaining('Unprocessable Entity'),
    })
  })
})

test("a page of HTML in place of the storage's answer is not taken for success, since nothing else would show that the bytes are lost", async () => {
  const sent: PartTarget[] = []
  const transport: PartTransport = {
    send: async (target, body, given) => {
      // Such as the page that a service worker shows while the network is down.
      if (sent.push(target) === 1)
        return { status: 200, headers: {}, body: '<!doctype html><title>Offline</title>' }
      return fetchTransport.send(target, body, given)
    },
  }
  await expectStored(await (await page({ transport })).uploader.uploadFile(fileWith(bytes, 'a')))
  expect(sent).toHaveLength(2)
})

describe('another visit', () => {
  test('sends the whole file again, to a new blob', async () => {
    const file = fileWith(bytes, 'a')
    const first = await page({ stuck: [1] })
    const upload = first.uploader.uploadFile(file)
    upload.catch(() => {})
    await until(() => expect(first.asked).toHaveLength(1))
    await until(() => expect(upload.state.status).toBe('uploading'))
    upload.pause()
    await until(() => expect(upload.state.status).toBe('paused'))
    const second = await page({ checkpoints: first.checkpoints })
    await expectStored(await second.uploader.uploadFile(file))
    expect(second.asked).toHaveLength(1)
  })

  test('needs no request if the page ended with the bytes stored, since the receipt knows the blob', async () => {
    const file = fileWith(bytes, 'a')
    // What remains of a page that ended just before it could forget the upload.
    const checkpoints = unforgetting(memoryCheckpoints())
    const first = await (await page({ checkpoints })).uploader.uploadFile(file)
    const second = await page({ checkpoints })
    expect(await second.uploader.uploadFile(file)).toEqual(first)
    expect([second.asked, second.sent]).toEqual([[], []])
  })

  test('finds nothing secret in what an earlier visit stored', async () => {
    const first = await page(
      { stuck: [1] },
      { headers: { 'x-api-key': await newKey(), 'x-canary': 'canary' } },
    )
    const upload = first.uploader.uploadFile(fileWith(bytes, 'a'))
    upload.catch(() => {})
    await until(() => expect(first.asked).toHaveLength(1))
    upload.pause()
    const kept = JSON.stringify(await first.checkpoints.list())
    expect(kept).toContain('byte_size')
    expect(kept).not.toMatch(/canary|X-Amz|Content-MD5/)
  })
})

describe('an upload in trouble', () => {
  test('gets a new URL and a new blob if its URL has expired', async () => {
    await fault({ kind: 'expired-url' })
    const own = await page()
    await expectStored(await own.uploader.uploadFile(fileWith(bytes, 'a')))
    expect([own.asked.length, own.sent]).toEqual([2, [1]])
  })

  test('gets a new URL if Rails answers 404, its way to say expired', async () => {
    demo.store?.faults.add({
      operation: 'PutObject',
      times: 1,
      effect: { kind: 'status', status: 404, when: 'after-body' },
    })
    const own = await page()
    await expectStored(await own.uploader.uploadFile(fileWith(bytes, 'a')))
    expect([own.asked.length, own.sent]).toEqual([2, [1]])
  })

  test('is sent even if its file waits in line for longer than a URL lives', async () => {
    await fault({ kind: 'expired-url' }, vendor, 3)
    const own = await page({ concurrency: 1 })
    const uploads = [1, 2, 3].map((seed) =>
      own.uploader.uploadFile(fileWith(bytesOf(10_000, seed), `${seed}`)),
    )
    const results = await Promise.all(uploads)
    for (const [index, result] of results.entries()) await expectStored(result, bytesOf(10_000, index + 1))
  })

  test('fails and says so if every URL is refused', async () => {
    await fault({ kind: 'expired-url' }, vendor, 9)
    expect(await failureOf((await page()).uploader.uploadFile(fileWith(bytes, 'a')))).toMatchObject({
      code: 'url-expired',
    })
  })

  test.each(['cut', 'cut-answer'] as const)('makes a PUT again if it gets no answer (%s)', async (kind) => {
    demo.store?.faults.add({ operation: 'PutObject', times: 1, effect: { kind } })
    await expectStored(await (await page()).uploader.uploadFile(fileWith(bytes, 'a')))
  })

  test.each(['cut', 'cut-answer'] as const)('makes a call again if it gets no answer (%s)', async (kind) => {
    await fault({ kind })
    await expectStored(await (await page()).uploader.uploadFile(fileWith(bytes, 'a')))
  })

  test('ends with an error in words if the bytes differ from what was announced', async () => {
    const own = await page({ hasher: { digest: async () => '00'.repeat(16) } })
    const error = await failureOf(own.uploader.uploadFile(fileWith(bytes, 'a')))
    expect(error).toMatchObject({ code: 'http', retryable: false, serviceCode: 'BadDigest' })
    expect(error.message).toContain('has the file changed?')
    expect(own.asked).toHaveLength(1)
  })

  test('fails if the answer has no address to send the bytes to', async () => {
    await fault({ kind: 'no-direct-upload' })
    expect(await failureOf((await page()).uploader.uploadFile(fileWith(bytes, 'a')))).toMatchObject({
      code: 'backend',
      field: 'direct_upload',
    })
  })

  test('goes on after a key that has expired is replaced', async () => {
    let key = await newKey()
    const onUnauthorized = async (): Promise<void> => {
      key = await newKey()
    }
    await client.control('POST /expire-keys')
    const own = await page({}, { headers: () => ({ 'x-api-key': key }), onUnauthorized })
    await expectStored(await own.uploader.uploadFile(fileWith(bytes, 'a')))
  })

  test('ends in the page when it is cancelled, since the server has no call for that', async () => {
    const own = await page({ stuck: [1] })
    const upload = own.uploader.uploadFile(fileWith(bytes, 'a'))
    upload.catch(() => {})
    await until(() => expect(own.asked).toHaveLength(1))
    await upload.cancel()
    expect(await own.checkpoints.list()).toEqual([])
    expect(own.asked).toHaveLength(1)
  })
})

describe("the contract's errors", () => {
  const retryable = ['rate-limited', 'internal-error']

  test.each(activeStorageContract.errors)(
    '$code ($status) is reported, or passes',
    async ({ code, status }) => {
      await fault({ kind: 'error', code, message: 'as ordered' })
      const own = await page()
      const uploading = own.uploader.uploadFile(fileWith(bytes, 'a'))
      if (retryable.includes(code)) return expectStored(await uploading)
      const error = await failureOf(uploading)
      expect(error).toMatchObject({ status, retryable: false })
      expect(error.message).toContain('as ordered')
    },
  )

  test.each([
    ['list', 'body: as ordered'],
    ['named-list', 'body: as ordered'],
    ['text', '(as ordered)'],
  ])('422 is reported with its %s', async (validation, said) => {
    await client.control('PATCH /settings', { validation })
    await fault({ kind: 'error', code: 'validation-error', message: 'as ordered' })
    const error = await failureOf((await page()).uploader.uploadFile(fileWith(bytes, 'a')))
    expect(error.message).toContain(said)
  })
})

function unforgetting(store: CheckpointStore): CheckpointStore {
  return {
    load: (key) => store.load(key),
    save: (checkpoint) => store.save(checkpoint),
    addReceipt: (key, receipt) => store.addReceipt(key, receipt),
    remove: async () => {},
    list: () => store.list(),
  }
}
