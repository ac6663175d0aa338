import { describe, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import type { BkendFile } from '../../src/backends/bkend-file.ts'
import { NetworkError } from '../../src/errors.ts'
import type { UploadResult } from '../../src/ports.ts'
import { fileOf, mebibyte, Page, withPages } from './bkend-rig.ts'

// Real servers, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const endpoints = {
  presignedUrl: '/v1/files/presigned-url',
  init: '/v1/files/multipart/init',
  partUrl: '/v1/files/multipart/presigned-url',
  complete: '/v1/files/multipart/complete',
  abort: '/v1/files/multipart/abort',
  register: '/v1/files',
  refresh: '/v1/auth/refresh',
}

let demo: Demo
let page: Page
withPages((one, its) => {
  page = one
  demo = its
})

/** Exactly one file is registered, it is the one in the result, and the storage has its bytes. */
async function expectStored(file: File, { key, size, details }: UploadResult): Promise<BkendFile> {
  const [registered, ...more] = await page.registered()
  expect(more).toEqual([])
  expect(details).toEqual(registered)
  expect(registered).toMatchObject({ s3Key: key, originalName: file.name, size: file.size })
  expect(size).toBe(file.size)
  const { bytes } = await page.download(registered?.id ?? '')
  expect(bytes.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
  return registered as BkendFile
}

const small = fileOf(300_000, 'small.txt', 'text/plain')
const large = fileOf(12 * mebibyte + 7, 'large.bin')
/** It goes in parts too, but in one only. */
const medium = fileOf(mebibyte + 1, 'medium.bin')

describe('a file up to the limit', () => {
  test('goes in one PUT with the type that was signed, and is registered', async () => {
    const result = await page.load({ visibility: 'public', bucket: 'documents' }).uploadFile(small)
    const file = await expectStored(small, result)
    expect(file).toMatchObject({ mimeType: 'text/plain', visibility: 'public', bucket: 'documents' })
    expect(page.paths).toEqual([`POST ${endpoints.presignedUrl}`, `POST ${endpoints.register}`])
    expect(page.transport.sent.map(({ target }) => target.headers)).toEqual([
      { 'Content-Type': 'text/plain' },
    ])
    expect((await page.download(file.id)).type).toBe('text/plain')
  })

  test('may be empty, and may have no type', async () => {
    const empty = fileOf(0, 'empty')
    const file = await expectStored(empty, await page.load().uploadFile(empty))
    expect(file).toMatchObject({ size: 0, mimeType: 'application/octet-stream' })
  })

  test('is sent to the same URL again after a network error, so that there is only one key', async () => {
    let failures = 3
    page.transport.before = () => {
      if (failures-- > 0) throw new NetworkError('cut by the test')
    }
    await expectStored(small, await page.load().uploadFile(small))
    expect(page.bodies(endpoints.presignedUrl)).toHaveLength(1)
  })

  test('goes on with its URL after a pause', async () => {
    const upload = page.load().uploadFile(small)
    let pauses = 1
    page.transport.before = () => {
      if (pauses-- > 0) upload.pause()
    }
    upload.on('state', ({ status }) => {
      if (status === 'paused') upload.resume()
    })
    await expectStored(small, await upload)
    expect(page.bodies(endpoints.presignedUrl)).toHaveLength(1)
  })

  test('gets a new key if its URL has expired, and is registered once', async () => {
    await page.fault(`POST ${endpoints.presignedUrl}`, { kind: 'expired-url' })
    await expectStored(small, await page.load().uploadFile(small))
    expect(page.bodies(endpoints.presignedUrl)).toHaveLength(2)
    expect(page.bodies(endpoints.register)).toHaveLength(1)
  })

  test('begins again after a reload, since its URL is not stored', async () => {
    const first = page.load().uploadFile(small)
    first.catch(() => {})
    await new Promise<void>((resolve) => {
      page.transport.before = () => {
        first.pause()
        resolve()
      }
    })
    page.transport.before = () => {}
    const [left] = await page.load().interrupted()
    await expectStored(small, (await left?.resume(small)) as UploadResult)
    expect(page.bodies(endpoints.register)).toHaveLength(1)
  })

  test('is not sent again after a reload if it is stored but not registered', async () => {
    await page.fault(`POST ${endpoints.register}`, { kind: 'cut' }, 2)
    await expect(page.load({}, { retry: { attempts: 2, baseDelay: 1 } }).uploadFile(small)).rejects.toThrow()
    const [left] = await page.load().interrupted()
    await expectStored(small, (await left?.resume(small)) as UploadResult)
    expect(page.partsSent).toEqual([1])
  })
})

describe('a file above the limit', () => {
  test('goes in parts, each with its own URL, is completed with ETags in quotes, and is registered', async () => {
    const backend = { category: 'media', metadata: { tags: ['a'], custom: { n: 1 } } } as const
    const file = await expectStored(large, await page.load(backend).uploadFile(large))
    expect(file.metadata).toEqual({ category: 'media', tags: ['a'], custom: { n: 1 } })
    const [init] = page.bodies(endpoints.init)
    expect(init).toEqual({
      filename: 'large.bin',
      contentType: 'application/octet-stream',
      fileSize: large.size,
      category: 'media',
    })
    expect(page.bodies(endpoints.partUrl)).toMatchObject([
      { partNumber: 1 },
      { partNumber: 2 },
      { partNumber: 3 },
    ])
    expect(page.partsSent).toEqual([1, 2, 3])
    const parts = [1, 2, 3].map((partNumber) => ({ partNumber, etag: expect.stringMatching(/^"\w{32}"$/) }))
    expect(page.bodies(endpoints.complete)).toMatchObject([{ parts }])
    expect(page.transport.sent.every(({ target }) => Object.keys(target.headers).length === 0)).toBe(true)
  })

  test('goes on with the missing parts after a reload', async () => {
    const first = page.load({}, { concurrency: 1 }).uploadFile(large)
    first.catch(() => {})
    await new Promise<void>((resolve) => {
      page.transport.before = ({ number }) => {
        if (number < 3) return
        first.pause()
        resolve()
      }
    })
    page.transport.before = () => {}
    const [left] = await page.load().interrupted()
    await expectStored(large, (await left?.resume(large)) as UploadResult)
    expect(page.bodies(endpoints.init)).toHaveLength(1)
    expect(page.partsSent).toEqual([1, 2, 3])
  })

  test('signs only the part again whose URL has expired', async () => {
    await page.fault(`POST ${endpoints.partUrl}`, { kind: 'expired-url' }, 2)
    await expectStored(large, await page.load().uploadFile(large))
    expect(page.bodies(endpoints.partUrl)).toHaveLength(5)
    expect(page.partsSent).toHaveLength(5)
    expect(page.bodies(endpoints.init)).toHaveLength(1)
  })

  test('begins again, once, if the server has thrown the upload away', async () => {
    const uploader = page.load({}, { concurrency: 1 })
    let isFirst = true
    page.transport.before = async ({ number }) => {
      if (number !== 2 || !isFirst) return
      isFirst = false
      const { key, uploadId } = page.bodies(endpoints.partUrl)[0] as { key: string; uploadId: string }
      await abortOnServer(key, uploadId)
    }
    await expectStored(large, await uploader.uploadFile(large))
    expect(page.bodies(endpoints.init)).toHaveLength(2)
  })

  test('leaves nothing on the server when it is cancelled', async () => {
    const upload = page.load({}, { concurrency: 1 }).uploadFile(large)
    upload.catch(() => {})
    await new Promise<void>((resolve) => {
      page.transport.before = ({ number }) => (number === 2 ? resolve() : undefined)
    })
    await upload.cancel()
    const [session] = page.bodies(endpoints.abort) as { key: string; uploadId: string }[]
    expect(page.bodies(endpoints.abort)).toHaveLength(1)
    const gone = await fetch(page.base + endpoints.partUrl, {
      method: 'POST',
      headers: headers(),
      body: JSON.stringify({ ...session, partNumber: 1 }),
    })
    expect(gone.status).toBe(404)
    expect(await page.registered()).toEqual([])
  })

  test('can be cancelled after the server has forgotten it', async () => {
    const upload = page.load({}, { concurrency: 1 }).uploadFile(large)
    upload.catch(() => {})
    await new Promise<void>((resolve) => {
      page.transport.before = async ({ number }) => {
        if (number !== 2) return
        const { key, uploadId } = page.bodies(endpoints.partUrl)[0] as { key: string; uploadId: string }
        await abortOnServer(key, uploadId)
        resolve()
      }
    })
    await upload.cancel()
    expect(upload.state.status).toBe('cancelled')
  })
})

function headers(): Record<string, string> {
  const { apiKey, accessToken } = page.session
  const authorization = `Bearer ${page.current ?? accessToken}`
  return { 'content-type': 'application/json', 'x-api-key': apiKey, authorization }
}

async function abortOnServer(key: string, uploadId: string): Promise<void> {
  const body = JSON.stringify({ key, uploadId })
  const { status } = await fetch(page.base + endpoints.abort, { method: 'POST', headers: headers(), body })
  expect(status).toBe(200)
}

describe('a lost answer', () => {
  const cases = [
    ['presignedUrl', small],
    ['register', small],
    ['init', large],
    ['partUrl', large],
    ['complete', large],
    ['register', large],
  ] as const

  test.each(
    cases.flatMap(([name, file]) =>
      ['cut-answer', 'cut'].map((kind) => [name, file.name, kind, file] as const),
    ),
  )(
    'of %s for %s (%s) causes no part to be sent twice and no file to be registered twice',
    async (name, _, kind, file) => {
      await page.fault(`POST ${endpoints[name]}`, { kind })
      await expectStored(file, await page.load().uploadFile(file))
      expect(page.partsSent).toEqual(file === small ? [1] : [1, 2, 3])
    },
  )

  test.each(['complete', 'register'] as const)('of %s is made up for after a reload', async (name) => {
    await page.fault(`POST ${endpoints[name]}`, { kind: 'cut-answer' }, 2)
    await expect(page.load({}, { retry: { attempts: 2, baseDelay: 1 } }).uploadFile(large)).rejects.toThrow()
    await page.control('DELETE /faults')
    const [left] = await page.load().interrupted()
    await expectStored(large, (await left?.resume(large)) as UploadResult)
    expect(page.partsSent).toEqual([1, 2, 3])
  })

  test('to complete does no harm if the server completes an upload only once', async () => {
    const gone = { kind: 'error', code: 'file/not-found' }
    await page.fault(`POST ${endpoints.complete}`, { kind: 'cut-answer' })
    await page.fault(`POST ${endpoints.complete}`, gone)
    await expectStored(large, await page.load().uploadFile(large))
    expect(page.partsSent).toEqual([1, 2, 3])
  })

  test('to complete does no harm if the server then does not know the upload, and has not stored it', async () => {
    await page.fault(`POST ${endpoints.complete}`, { kind: 'cut' })
    await page.fault(`POST ${endpoints.complete}`, { kind: 'error', code: 'file/not-found' })
    await expectStored(large, await page.load().uploadFile(large))
    expect(page.partsSent).toEqual([1, 1, 2, 2, 3, 3])
    expect(page.bodies(endpoints.init)).toHaveLength(2)
  })
})

describe('tokens', () => {
  test('are refreshed once for all waiting uploads when they expire, and the application gets the new ones', async () => {
    const uploader = page.load()
    await page.control('POST /expire-tokens')
    const files = [1, 2, 3, 4, 5].map((number) => fileOf(1000 + number, `${number}.bin`))
    await Promise.all(files.map((file) => uploader.uploadFile(file)))
    expect(page.bodies(endpoints.refresh)).toEqual([{ refreshToken: page.session.refreshToken }])
    expect(page.tokens).toHaveLength(1)
    expect(await page.registered()).toHaveLength(5)
  })

  test('are refreshed with the newest refresh token, even in the middle of an upload', async () => {
    const uploader = page.load({}, { concurrency: 1 })
    let times = 0
    page.transport.before = async () => {
      if (times++ < 2) await page.control('POST /expire-tokens')
    }
    await expectStored(large, await uploader.uploadFile(large))
    expect(page.tokens.length).toBeGreaterThanOrEqual(1)
    expect(page.bodies(endpoints.refresh)).toEqual(
      [page.session, ...page.tokens].slice(0, -1).map(({ refreshToken }) => ({ refreshToken })),
    )
  })

  test('end the upload as unauthorized if they cannot be refreshed, and it goes on after a new sign-in', async () => {
    await page.control('POST /sign-out-all')
    const error = await page
      .load()
      .uploadFile(small)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unauthorized', endpoint: 'refresh', retryable: false })
    const { accessToken } = (await Page.open(demo, page.user)).session
    const again = await page.load({ accessToken, refreshToken: '' }).uploadFile(small)
    expect(again.details).toMatchObject({ originalName: 'small.txt' })
  })

  test('and keys are in no request to the storage, no checkpoint and no error', async () => {
    const saved: unknown[] = []
    const { save } = page.checkpoints
    page.checkpoints.save = (checkpoint) => {
      saved.push(checkpoint)
      return save.call(page.checkpoints, checkpoint)
    }
    await page.control('POST /expire-tokens')
    await page.load().uploadFile(large)
    await page.load().uploadFile(small)
    await page.control('POST /sign-out-all')
    const errors = await page
      .load({}, { scope: 'other' })
      .uploadFile(small)
      .catch((thrown: unknown) => String(thrown))
    const { apiKey, accessToken, refreshToken } = page.session
    const seen = JSON.stringify([saved, page.transport.sent, errors])
    expect(saved.length).toBeGreaterThan(1)
    for (const secret of [apiKey, accessToken, refreshToken, page.current ?? 'none']) {
      expect(seen).not.toContain(secret)
    }
    expect(JSON.stringify(saved)).not.toContain('X-Amz-Signature')
  })
})

/** What each code of the document leads to, unless a test of its own says otherwise. */
const outcomes = {
  'file/not-found': 'anew',
  'file/invalid-name': 'fails',
  'file/file-too-large': 'fails',
  'file/file-too-small': 'fails',
  'file/invalid-format': 'fails',
  'file/invalid-path': 'fails',
  'file/bucket-not-configured': 'again',
  'file/invalid-part-number-range': 'fails',
  'file/upload-init-failed': 'again',
  'file/invalid-parts-array': 'fails',
  'file/access-denied': 'fails',
  'file/s3-key-already-exists': 'done',
  'file/s3-key-too-long': 'fails',
  'file/original-name-too-long': 'fails',
  'file/mime-type-too-long': 'fails',
  'file/size-negative': 'fails',
  'common/authentication-required': 'refreshed',
} as const

const coded = Object.entries(outcomes)
const refusals = coded.filter(([, outcome]) => outcome === 'fails').map(([code]) => code)

describe('the error code', () => {
  test("list equals the document's", () => {
    expect(coded).toHaveLength(17)
  })

  test.each([...refusals, 'file/not-found', 'file/s3-key-already-exists'])(
    '%s ends the upload before a byte is sent, if starting is answered with it',
    async (serviceCode) => {
      await page.fault(`POST ${endpoints.presignedUrl}`, { kind: 'error', code: serviceCode })
      await page.fault(`POST ${endpoints.init}`, { kind: 'error', code: serviceCode })
      const error = { name: 'HttpError', code: 'http', serviceCode, retryable: false }
      await expect(page.load().uploadFile(small)).rejects.toMatchObject(error)
      await expect(page.load().uploadFile(medium)).rejects.toMatchObject(error)
      expect(page.partsSent).toEqual([])
    },
  )

  test.each(refusals)(
    '%s fails the upload if it comes after the bytes, and resuming does not send them again',
    async (serviceCode) => {
      await page.fault(`POST ${endpoints.register}`, { kind: 'error', code: serviceCode })
      const upload = page.load().uploadFile(small)
      await expect(upload).rejects.toMatchObject({ name: 'HttpError', serviceCode, retryable: false })
      const [left] = await page.load().interrupted()
      await expectStored(small, (await left?.resume(small)) as UploadResult)
      expect(page.partsSent).toEqual([1])
    },
  )

  test.each(refusals)(
    '%s fails the upload resumably, if signing a part or completing is answered with it',
    async (serviceCode) => {
      const error = { name: 'HttpError', serviceCode, retryable: false }
      await page.fault(`POST ${endpoints.partUrl}`, { kind: 'error', code: serviceCode })
      await expect(page.load().uploadFile(medium)).rejects.toMatchObject(error)
      await page.fault(`POST ${endpoints.complete}`, { kind: 'error', code: serviceCode })
      await expect(page.load().uploadFile(medium)).rejects.toMatchObject(error)
      await expectStored(medium, await page.load().uploadFile(medium))
      expect(page.bodies(endpoints.init)).toHaveLength(1)
    },
  )

  test.each(coded.filter(([, outcome]) => outcome === 'again').map(([code]) => code))(
    "%s is the server's own failure: the call is made again",
    async (code) => {
      for (const endpoint of ['init', 'partUrl', 'complete', 'register'] as const) {
        await page.fault(`POST ${endpoints[endpoint]}`, { kind: 'error', code })
      }
      await expectStored(medium, await page.load().uploadFile(medium))
      expect(page.partsSent).toEqual([1])
    },
  )

  test('data/rate-limit-exceeded makes the upload wait for as long as Retry-After says', async () => {
    const effect = { kind: 'error', code: 'data/rate-limit-exceeded', retryAfter: 1 }
    await page.fault(`POST ${endpoints.register}`, effect)
    const since = performance.now()
    await expectStored(small, await page.load().uploadFile(small))
    // Node's timers may fire a millisecond early.
    expect(performance.now() - since).toBeGreaterThan(990)
  })

  test('common/authentication-required leads to new tokens at every endpoint', async () => {
    const effect = { kind: 'error', code: 'common/authentication-required' }
    for (const endpoint of ['init', 'partUrl', 'complete', 'register'] as const) {
      await page.fault(`POST ${endpoints[endpoint]}`, effect)
    }
    await expectStored(medium, await page.load().uploadFile(medium))
    expect(page.bodies(endpoints.refresh)).toHaveLength(4)
  })

  test("file/s3-key-already-exists is a success with the file's details, after a registration whose answer was lost", async () => {
    const effect = { kind: 'error', code: 'file/s3-key-already-exists', when: 'after' }
    await page.fault(`POST ${endpoints.register}`, effect)
    await expectStored(small, await page.load().uploadFile(small))
  })

  test.each([
    ['partUrl', 'file/not-found'],
    ['complete', 'file/not-found'],
    ['register', 'file/not-found'],
    ['partUrl', 'common/invalid-request'],
    ['complete', 'common/invalid-request'],
  ] as const)('of %s being %s makes the upload begin again, once', async (endpoint, code) => {
    await page.fault(`POST ${endpoints[endpoint]}`, { kind: 'error', code })
    const upload = page.load().uploadFile(medium)
    const warned: string[] = []
    upload.on('warning', (warning) => void warned.push(warning.code))
    await expectStored(medium, await upload)
    expect(warned).toEqual(['session-lost'])
    expect(page.bodies(endpoints.init)).toHaveLength(2)
  })

  test('file/not-found ends the upload as session-lost if it comes again and again', async () => {
    await page.fault(`POST ${endpoints.partUrl}`, { kind: 'error', code: 'file/not-found' }, 100)
    await expect(page.load().uploadFile(medium)).rejects.toMatchObject({
      code: 'session-lost',
      retryable: true,
    })
    expect(page.bodies(endpoints.init)).toHaveLength(2)
  })

  test('common/not-found at registering is a wrong path, and nothing is sent again', async () => {
    await page.fault(`POST ${endpoints.register}`, { kind: 'error', code: 'common/not-found' })
    await expect(page.load().uploadFile(small)).rejects.toMatchObject({ name: 'HttpError', status: 404 })
    expect(page.partsSent).toEqual([1])
  })
})

describe('both shapes of answers and errors', () => {
  test.each(['bare', 'wrapped'])('%s answers are understood', async (answers) => {
    await page.control('PATCH /settings', { answers })
    const uploader = page.load()
    await expectStored(large, await uploader.uploadFile(large))
    await page.control('POST /expire-tokens')
    expect((await uploader.uploadFile(small)).details).toMatchObject({ originalName: 'small.txt' })
    expect(page.tokens).toHaveLength(1)
  })

  test.each(['nested', 'flat'])('%s errors give their code', async (errors) => {
    await page.control('PATCH /settings', { errors })
    const error = await page
      .load()
      .uploadFile(fileOf(10, 'x'.repeat(300)))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      name: 'HttpError',
      status: 400,
      serviceCode: 'file/original-name-too-long',
    })
  })
})

describe('names', () => {
  test.each(['ü 日本 (1).bin', "100% of 50 # & ? + '.bin", '😀.png', '..hidden', 'a..b'])(
    'of any kind arrive unchanged: %s',
    async (name) => {
      const file = fileOf(100, name)
      await expectStored(file, await page.load().uploadFile(file))
    },
  )

  test.each(['..', 'a/b', 'a\\b', 'tab\there'])(
    'that are invalid are refused with their code: %j',
    async (name) => {
      await expect(page.load().uploadFile(fileOf(100, name))).rejects.toMatchObject({
        serviceCode: 'file/invalid-name',
        retryable: false,
      })
    },
  )
})
