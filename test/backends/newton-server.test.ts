/**
 * The adapter for Newton and the real Uploader against the reference server: real requests and bytes, which are read
 * back.
 */
import { randomBytes } from 'node:crypto'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { createCRC32 } from 'hash-wasm'
import { afterEach, describe, expect, test } from 'vitest'
import { type NewtonFile, type NewtonOptions, newton } from '../../src/backends/newton.ts'
import type { Backend, BackendCall, Json, UploadResult } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { newtonContract } from '../demo/contract/newton.ts'
import { contentOf, mebibyte } from '../demo/newton/newton-rig.ts'
import { sharedRig } from '../demo/reference/rig.ts'
import { fetchTransport } from '../fakes/fetch-transport.ts'
import { until } from '../until.ts'
import { failureOf } from './app-server.ts'
import { bytesOf, fileWith, pathsOf, type RealPage, type RealPageOptions, realPage } from './real-page.ts'

const rig = sharedRig(newtonContract, (demo) => demo.controls.newton)
const call: BackendCall = { signal: new AbortController().signal, api: apiTransport }

afterEach(() => rig().demo.store?.faults.clear())

type NewtonBackend = ReturnType<typeof newton>

function backend(options: NewtonOptions = {}): NewtonBackend {
  const { client, control } = rig()
  return newton({ baseUrl: client.base, apiKey: control.tokens.issue(), ...options })
}

/** Files are cut into parts of 5 MiB. */
function page(
  options: RealPageOptions<Json> = {},
  own: NewtonBackend = backend(),
  settings: Parameters<ReturnType<typeof rig>['control']['settings']['change']>[0] = {},
): RealPage {
  rig().control.settings.change({ partSize: 5 * mebibyte, integrity: 'none', ...settings })
  return realPage(own as Backend as Backend<Json>, options)
}

const size = 11 * mebibyte
const bytes = bytesOf(size)

function newFile(content: Uint8Array = bytes): File {
  return fileWith(content, `${randomBytes(6).toString('hex')}.csv`)
}

/** The stored bytes of the file. */
async function storedBytes({ details }: UploadResult): Promise<Buffer> {
  const { file_uid } = details as NewtonFile
  return contentOf(rig(), { upload_id: '', file_name: '', is_resume: false, parts: [], file_uid })
}

async function expectStored(result: UploadResult, content: Uint8Array = bytes): Promise<void> {
  expect((await storedBytes(result)).equals(content)).toBe(true)
}

/** What remains in the storage of incomplete uploads. */
async function unfinished(): Promise<number> {
  const { s3, bucket } = rig().demo
  return (await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0
}

const paths = ({ asked }: RealPage): readonly string[] =>
  pathsOf(asked, rig().client.base).map((path) => path.replace(/upl_\w+/, '…'))

const initiate = 'POST /files/uploads/initiate'
const urls = 'POST /files/uploads/…/parts/urls'
const abort = 'POST /files/uploads/…/abort'
const complete = 'POST /files/uploads/…/complete'

describe('a file', () => {
  test.each([
    { firstPart: 1 },
    { firstPart: 0 },
    { tellsPartSize: false, tellsExpiry: false, integrity: 'absent' },
  ] as const)('arrives byte for byte, with two calls altogether: %j', async (settings) => {
    const own = page({}, backend(), settings)
    const file = newFile()
    const result = await own.uploader.uploadFile(file)
    await expectStored(result)
    expect(paths(own)).toEqual([initiate, complete])
    expect(result).toEqual({
      key: file.name,
      size,
      checksums: {},
      details: {
        file_uid: expect.stringMatching(/^fil_/),
        file_name: file.name,
        num_bytes: size,
        file_status: 'Registered',
        file_attributes: {},
      },
    })
  })

  test.each([0, 1, 5 * mebibyte])('arrives if it has %i bytes', async (length) => {
    const own = page()
    const content = bytesOf(length)
    await expectStored(await own.uploader.uploadFile(newFile(content)), content)
    expect(own.sent).toEqual(length === 0 ? [] : [1])
  })

  test.each(['ä b/c%2F#?.csv', '日本 🎉.csv', '../up.csv', "it's (1)!*.csv"])(
    'may be called %j, even if the answer to complete is lost',
    async (name) => {
      rig().control.faults.add({
        endpoint: 'POST /files/uploads/:uploadId/complete',
        effect: { kind: 'cut-answer' },
      })
      const own = page()
      const result = await own.uploader.uploadFile(newFile(), { name })
      expect(result.key).toBe(name)
      await expectStored(result)
    },
  )

  test('is refused before the first request if it is larger than 250 GB', async () => {
    const own = page()
    const file = new File([], 'large.bin')
    Object.defineProperty(file, 'size', { value: 250_000_000_001 })
    expect(await failureOf(own.uploader.uploadFile(file))).toMatchObject({
      code: 'too-large',
      limit: 250_000_000_000,
    })
    expect(own.asked).toEqual([])
  })
})

describe('an upload at the next visit', () => {
  /** A visit that ends once its first two parts are stored and, if `recorded`, reported to the server. */
  async function firstVisit(file: File, recorded: boolean): Promise<RealPage> {
    const own = page({ stuck: [3], ...(recorded ? {} : { concurrency: 3 }) })
    const upload = own.uploader.uploadFile(file)
    upload.catch(() => {})
    await until(() => expect(own.sent).toHaveLength(2))
    if (recorded)
      await until(() => expect(pathsOf(own.answered, rig().client.base).join()).toContain('checkpoint'))
    upload.pause()
    await until(() => expect(upload.state.status).toBe('paused'))
    return own
  }

  test.each([false, true])(
    'sends only the missing parts (reported to the server before: %s)',
    async (recorded) => {
      const file = newFile()
      const { checkpoints } = await firstVisit(file, recorded)
      const second = page({ checkpoints })
      await expectStored(await second.uploader.uploadFile(file))
      expect(second.sent).toEqual([3])
      expect(paths(second)).toEqual([initiate, urls, complete])
      const numbers = (recorded ? [3] : [1, 2, 3]).map((part_number) =>
        expect.objectContaining({ part_number }),
      )
      expect(second.asked[2]?.json).toEqual({ parts: numbers })
    },
  )

  test('does not go on with another file of the same name, size and date', async () => {
    const file = newFile()
    const { checkpoints } = await firstVisit(file, true)
    const other = bytesOf(size, 7)
    const second = page({ checkpoints })
    const upload = second.uploader.uploadFile(fileWith(other, file.name))
    expect(await failureOf(upload)).toMatchObject({ code: 'file-changed' })
    upload.restart()
    await expectStored(await upload, other)
    expect(paths(second)).toContain(abort)
  })

  test('begins again without a checkpoint, and leaves nothing of the old upload', async () => {
    const before = await unfinished()
    const file = newFile()
    await firstVisit(file, true)
    const second = page()
    await expectStored(await second.uploader.uploadFile(file))
    expect(paths(second)).toEqual([initiate, abort, initiate, complete])
    expect([...second.sent].sort()).toEqual([1, 2, 3])
    expect(await unfinished()).toBe(before)
  })

  test('begins again if the server has lost it', async () => {
    const file = newFile()
    const { checkpoints } = await firstVisit(file, false)
    rig().control.expireSessions()
    const second = page({ checkpoints })
    await expectStored(await second.uploader.uploadFile(file))
    expect([...second.sent].sort()).toEqual([1, 2, 3])
  })
})

describe('another upload of the same name', () => {
  test('goes on beside this one if its size differs', async () => {
    const file = newFile()
    await backend().open({ ...describeFile(file), size: 3 }, call)
    const own = page()
    await expectStored(await own.uploader.uploadFile(file))
    expect(paths(own)).toEqual([initiate, initiate, complete])
  })
})

describe('an upload in trouble', () => {
  const fault = (endpoint: string, effect: object, times = 1) =>
    rig().control.faults.add({ endpoint, times, effect: effect as never })

  test('gets a new URL if one has expired', async () => {
    rig().demo.store?.faults.add({ operation: 'UploadPart', times: 2, effect: { kind: 'expired' } })
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
    expect(paths(own)).toContain(urls)
  })

  test('sends a part again after the storage failed on it', async () => {
    rig().demo.store?.faults.add({
      operation: 'UploadPart',
      times: 2,
      effect: { kind: 'status', status: 503 },
    })
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
  })

  test('leaves nothing behind if the answer to initiate is lost', async () => {
    const before = await unfinished()
    fault('POST /files/uploads/initiate', { kind: 'cut-answer' })
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
    expect(paths(own)).toEqual([initiate, initiate, abort, initiate, complete])
    expect(await unfinished()).toBe(before)
  })

  test('asks for the outcome if the answer to complete is lost', async () => {
    fault('POST /files/uploads/:uploadId/complete', { kind: 'cut-answer' })
    const own = page()
    const file = newFile()
    await expectStored(await own.uploader.uploadFile(file))
    expect(paths(own)).toEqual([initiate, complete, complete, `GET /files/metadata/${file.name}`])
  })

  test('asks again while an earlier complete is still at work, and sends nothing again', async () => {
    fault('POST /files/uploads/:uploadId/complete', { kind: 'error', code: 'upload_conflict' }, 2)
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
    expect([...own.sent].sort()).toEqual([1, 2, 3])
    expect(paths(own).filter((path) => path === complete)).toHaveLength(3)
  })

  test('is sent again if the server forgets it, unless it was completed', async () => {
    fault('POST /files/uploads/:uploadId/complete', { kind: 'error', code: 'upload_not_found' })
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
    expect([...own.sent].sort()).toEqual([1, 1, 2, 2, 3, 3])
    fault('POST /files/uploads/:uploadId/complete', {
      kind: 'error',
      code: 'upload_not_found',
      when: 'after',
    })
    const other = page()
    await expectStored(await other.uploader.uploadFile(newFile()))
    expect([...other.sent].sort()).toEqual([1, 2, 3])
  })

  test('goes on if a checkpoint on the server fails', async () => {
    fault('POST /files/uploads/:uploadId/parts/checkpoint', { kind: 'error', code: 'invalid_parameter' }, 9)
    const stuck: number[] = [3]
    const own = page({ stuck })
    const upload = own.uploader.uploadFile(newFile())
    await until(() => expect(paths(own).join()).toContain('checkpoint'))
    upload.pause()
    await until(() => expect(upload.state.status).toBe('paused'))
    stuck.length = 0
    upload.resume()
    await expectStored(await upload)
  })

  test('makes the server throw everything away when it is cancelled', async () => {
    const before = await unfinished()
    const own = page({ stuck: [3] })
    const upload = own.uploader.uploadFile(newFile())
    upload.catch(() => {})
    await until(() => expect(own.sent).toHaveLength(2))
    await upload.cancel()
    expect(paths(own)).toContain(abort)
    expect(await unfinished()).toBe(before)
  })

  test('gets a new key once if its key has expired, whatever call that hits', async () => {
    const { tokens } = rig().control
    for (const after of [0, 1]) {
      let apiKey = tokens.issue()
      let refreshes = 0
      const onUnauthorized = (): void => {
        refreshes += 1
        apiKey = tokens.issue()
      }
      const own = page({}, backend({ apiKey: () => apiKey, onUnauthorized }))
      tokens.expire(after)
      await expectStored(await own.uploader.uploadFile(newFile()))
      expect(refreshes).toBe(1)
    }
  })

  test('ends if its key is not accepted, and shows the key in no message', async () => {
    const own = page({}, backend({ apiKey: 'canary' }))
    const error = await failureOf(own.uploader.uploadFile(newFile()))
    expect(error).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(error.message).not.toContain('canary')
  })
})

describe("the contract's errors", () => {
  const passing = [429, 500, 502, 503, 504]

  test.each(Object.entries(newtonContract.codes))(
    '%s (%i) is reported by its code, in every form',
    async (code, status) => {
      const identity = describeFile(newFile())
      for (const errorForm of ['errors', 'error', 'detail'] as const) {
        rig().control.settings.change({ errorForm })
        const effect = { kind: 'error', code, message: 'as ordered', retryAfter: 2 } as const
        // A conflict leads to one attempt in another way.
        rig().control.faults.replace({ endpoint: 'POST /files/uploads/initiate', times: 2, effect })
        const thrown = await failureOf(backend().open(identity, call))
        const error = status === 409 ? (thrown.cause as Error) : thrown
        expect(error).toMatchObject({
          status,
          serviceCode: errorForm === 'detail' ? undefined : code,
          retryable: passing.includes(status),
          retryAfter: 2_000,
        })
        expect(error.message).toContain('as ordered')
      }
    },
  )

  test.each([429, 500, 502, 503, 504])('%i is temporary, so the call is made again', async (status) => {
    for (const endpoint of ['POST /files/uploads/initiate', 'POST /files/uploads/:uploadId/complete'])
      rig().control.faults.add({ endpoint, effect: { kind: 'answer', status } })
    const own = page()
    await expectStored(await own.uploader.uploadFile(newFile()))
  })
})

describe('the whole file’s CRC32C', () => {
  /** One part, sent without the engine, which combines checksums in its own way. */
  async function sentUpload(own: NewtonBackend, content: Uint8Array) {
    rig().control.settings.change({ integrity: 'crc32c' })
    const file = newFile(content)
    const { session, targets = [] } = await own.open(describeFile(file), call)
    const receipts = await Promise.all(
      targets.map(async (target) => {
        const { headers } = await fetchTransport.send(target, file, call)
        return { number: target.number, size: content.length, etag: headers['etag'] ?? '' }
      }),
    )
    return { session, receipts, whole: (crc32c: string) => ({ size: content.length, checksums: { crc32c } }) }
  }

  test.each(['123456789', ''])("of %j equals the server's", async (text) => {
    const own = backend()
    const content = Buffer.from(text)
    const { session, receipts, whole } = await sentUpload(own, content)
    expect(own.wholeChecksum?.(session)).toBe('crc32c')
    const hasher = (await createCRC32(0x82f63b78)).init()
    const completed = await own.complete(session, receipts, whole(hasher.update(content).digest()), call)
    expect(completed.details).toMatchObject({ file_status: 'Registered', num_bytes: content.length })
  })

  test('causes an error that stays one if the bytes differ', async () => {
    const own = backend()
    const { session, receipts, whole } = await sentUpload(own, Buffer.from('abc'))
    const completing = () => failureOf(own.complete(session, receipts, whole('e3069283'), call))
    expect(await completing()).toMatchObject({ serviceCode: 'integrity_mismatch', retryable: false })
    expect(await completing()).toMatchObject({ serviceCode: 'Corrupt', retryable: false })
  })
})

function describeFile({ name, type, size, lastModified }: File) {
  const identity = { name, type, size, lastModified, relativePath: '' }
  return { ...identity, digest: undefined, params: {}, pictureSize: async () => undefined }
}
