import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type ActiveStorageOptions,
  activeStorage,
  activeStorageBlob,
} from '../../src/backends/active-storage.ts'
import { presignedTarget } from '../../src/backends/presigned-target.ts'
import { HttpError, TooLargeError } from '../../src/errors.ts'
import type { FileDescription, Refusal } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { rig as engineRig } from '../fakes/uploader.ts'
import { appServer, empty, failureOf, json } from './app-server.ts'

const { answering } = appServer('https://app.test')
const call = { signal: new AbortController().signal, api: apiTransport }
const md5 = createHash('md5').update('data').digest()
const sha256 = createHash('sha256').update('data').digest()

function backend(options: ActiveStorageOptions = {}): ReturnType<typeof activeStorage> {
  return activeStorage({ baseUrl: 'https://app.test', ...options })
}

const file: FileDescription = {
  name: 'notes.txt',
  relativePath: '',
  size: 4,
  lastModified: 1,
  type: 'Text/Plain; charset=utf-8',
  digest: md5.toString('hex'),
  params: {},
  pictureSize: async () => undefined,
}
const asked = {
  filename: 'notes.txt',
  content_type: 'text/plain',
  byte_size: 4,
  checksum: md5.toString('base64'),
}
const headers = {
  'Content-Type': 'text/plain',
  'Content-MD5': asked.checksum,
  'Content-Disposition': 'inline; filename="notes.txt"',
}
const record = {
  ...asked,
  id: 7,
  key: 'xtapjjcjiudrlk3tmwyjgpuobabd',
  metadata: {},
  service_name: 'amazon',
  created_at: '2026-11-25T12:00:00Z',
  signed_id: 'eyJf--9a',
}
const url = 'https://s3.test/xtap?X-Amz-Expires=300'
const made = { ...record, direct_upload: { url, headers } }
const one = [{ number: 1, offset: 0, size: 4 }]

/** Opens the upload of this file and signs its part. */
async function signed(own = backend(), described = file): ReturnType<typeof own.sign> {
  const { session } = await own.open(described, call)
  return own.sign(session, one, call)
}

describe('open', () => {
  test('asks the server for nothing, since the file is always one part', async () => {
    const seen = answering(json(made))
    expect(await backend().open(file, call)).toEqual({ session: asked, partSize: 4 })
    expect(await backend().open({ ...file, size: 0 }, call)).toMatchObject({ partSize: 1 })
    expect(seen).toEqual([])
  })

  test.each(['', 'junk', 'text/', 'ünï/code'])(
    'sends application/octet-stream if the type is invalid: %j',
    async (type) => {
      const { session } = await backend().open({ ...file, type }, call)
      expect(session).toMatchObject({ content_type: 'application/octet-stream' })
    },
  )

  test.each([
    ['md5', 'md5', md5.toString('hex'), md5.toString('base64')],
    ['sha256', 'sha256', sha256.toString('hex'), sha256.toString('base64')],
    ['sha256-prefixed', 'sha256', sha256.toString('hex'), `sha256:${sha256.toString('base64')}`],
  ] as const)('with the checksum %s needs the %s of the file', async (checksum, algorithm, digest, text) => {
    const own = backend({ checksum })
    expect(own.fileDigest?.(file)).toBe(algorithm)
    expect((await own.open({ ...file, digest }, call)).session).toMatchObject({ checksum: text })
  })
})

describe('the blob request', () => {
  test('has four fields, and the answer makes a PUT with exactly the headers in it', async () => {
    const seen = answering(json(made))
    const targets = await signed()
    expect(seen).toMatchObject([{ method: 'POST', path: '/api/v1/upload/direct' }])
    expect(seen[0]?.body).toEqual({ blob: asked })
    expect(targets).toEqual([
      {
        number: 1,
        url,
        method: 'PUT',
        headers,
        validFor: 300_000,
        needsEtag: false,
        memo: record,
      },
    ])
  })

  test('leaves neither URL nor headers of the PUT in the receipt', async () => {
    answering(json(made))
    const [target] = await signed()
    expect(JSON.stringify(target?.memo)).not.toMatch(/s3\.test|Content-/)
  })

  test('is made again at each signing, so an expired URL costs a new blob', async () => {
    answering(json(made), json({ ...made, signed_id: 'eyJf--9b', key: 'other' }))
    const own = backend()
    await signed(own)
    expect(await signed(own)).toMatchObject([{ memo: { signed_id: 'eyJf--9b' } }])
  })

  test.each([
    ['signed_id', { signed_id: '' }, 'a non-empty string'],
    ['key', { key: 4 }, 'got 4'],
    ['byte_size', { byte_size: 5 }, '4, got 5'],
    ['byte_size', { byte_size: '4' }, 'got "4" (string)'],
    ['checksum', { checksum: 'AAAA' }, `${asked.checksum}, got "AAAA"`],
    ['direct_upload', { direct_upload: null }, 'an object with the URL to send to, got null'],
    ['direct_upload', { direct_upload: undefined }, 'got undefined'],
    ['direct_upload.url', { direct_upload: { url: 'file:///x', headers } }, 'an https URL'],
    ['headers', { direct_upload: { url } }, 'an object'],
    ['headers.X-Number', { direct_upload: { url, headers: { 'X-Number': 5 } } }, 'a string, got 5'],
    [
      'direct_upload.headers',
      { direct_upload: { url, headers: { ...headers, 'Content-MD5': 'AAAA' } } },
      `an object with ${asked.checksum} as Content-MD5, got {`,
    ],
  ])('rejects an answer with a bad %s, before a byte is sent: %j', async (field, wrong, message) => {
    answering(json({ ...made, ...wrong }))
    const error = await failureOf(signed())
    expect(error).toMatchObject({ code: 'backend', endpoint: 'directUpload', field, retryable: false })
    expect(error.message).toContain(message)
  })

  test("accepts a storage that returns the type only, as Rails' own disk service does", async () => {
    const direct_upload = { url: 'https://app.test/disk/x', headers: { 'Content-Type': 'text/plain' } }
    answering(json({ ...made, direct_upload }))
    expect(await signed()).toMatchObject([{ ...direct_upload, validFor: undefined }])
  })

  test('compares the SHA-256 with that in the headers if SHA-256 is the checksum', async () => {
    const own = backend({ checksum: 'sha256-prefixed' })
    const described = { ...file, digest: sha256.toString('hex') }
    const checksum = `sha256:${sha256.toString('base64')}`
    const answer = (value: string) =>
      json({ ...made, checksum, direct_upload: { url, headers: { 'x-amz-checksum-sha256': value } } })
    answering(answer(sha256.toString('base64')))
    await signed(own, described)
    answering(answer('AAAA'))
    expect(await failureOf(signed(own, described))).toMatchObject({ field: 'direct_upload.headers' })
  })
})

describe('an error from the server', () => {
  test.each([
    [
      { detail: [{ loc: ['body', 'blob', 'checksum'], msg: 'field required', type: 'x' }] },
      422,
      undefined,
      'body.blob.checksum: field required',
    ],
    [
      { error: 'Validation error', detail: [{ loc: ['body'], msg: 'm', type: 'x' }] },
      422,
      undefined,
      'body: m',
    ],
    [{ detail: 'wrong', error: null, error_code: null }, 422, undefined, 'wrong'],
    [{ detail: 'down', error: 'Bad Request', error_code: 'upload-failed' }, 400, 'upload-failed', 'down'],
    [{ status: 422, error: 'Unprocessable Entity' }, 422, undefined, 'Unprocessable Entity'],
    [{ detail: 'none' }, 404, undefined, 'none'],
  ])('is reported: %j', async (body, status, serviceCode, said) => {
    answering(json(body, status))
    const error = await failureOf(signed())
    expect(error).toMatchObject({ name: 'HttpError', status, serviceCode, retryable: false })
    expect(error.message).toContain(said)
  })

  test('may be temporary, and says when to retry', async () => {
    answering(json({ detail: 'busy' }, 429, { 'retry-after': '3' }))
    expect(await failureOf(signed())).toMatchObject({ code: 'throttled', retryAfter: 3_000 })
    answering(empty(500))
    expect(await failureOf(signed())).toMatchObject({ status: 500, retryable: true })
  })
})

describe("a refusal of the file's bytes", () => {
  const target = presignedTarget(1, 'https://storage.test/1')
  const judge = (refusal: Partial<Refusal>) =>
    backend().judge?.({ status: 400, serviceCode: undefined, ...refusal }, target)

  test('means an expired URL if it is a 404, as with Rails, and otherwise what it means with S3', () => {
    expect(judge({ status: 404 })).toBe('target-expired')
    expect(judge({ status: 403 })).toBeUndefined()
    expect(judge({ status: 503 })).toBeUndefined()
    expect(judge({ status: 400, serviceCode: 'IncompleteBody' })).toBeUndefined()
  })

  test.each([
    { status: 422 },
    { status: 400, serviceCode: 'BadDigest' },
    { status: 400, serviceCode: 'XAmzContentChecksumMismatch' },
  ])('ends the upload if the bytes differ from what was announced: %j', (refusal) => {
    expect(() => judge(refusal)).toThrow(HttpError)
    expect(() => judge(refusal)).toThrow(
      /^the upload answered 4\d\d .*the bytes do not match the announced .* has the file changed\?/,
    )
  })
})

describe('complete', () => {
  const receipt = { number: 1, size: 4, etag: '', memo: record }

  test('returns the blob that the bytes went to', async () => {
    const seen = answering(empty(500))
    const whole = { size: 4, checksums: {} }
    const completed = await backend().complete(asked, [receipt], whole, call)
    expect(completed).toEqual({ key: record.key, details: record })
    expect(activeStorageBlob({ ...whole, ...completed }).signed_id).toBe('eyJf--9a')
    expect(seen).toEqual([])
  })

  test.each([undefined, null, 'text', { key: 'k' }, { signed_id: 's' }])(
    'begins again if the receipt is damaged: %j',
    async (memo) => {
      const damaged = { ...receipt, memo: memo as null }
      const completing = backend().complete(asked, [damaged], { size: 4, checksums: {} }, call)
      expect(await failureOf(completing)).toMatchObject({
        code: 'session-lost',
        message: expect.stringContaining('does not say which blob has the bytes'),
      })
    },
  )

  test('has no blob in the result of another backend', () => {
    const other = { key: 'k', size: 1, checksums: {} }
    expect(() => activeStorageBlob(other)).toThrow(TypeError)
    expect(() => activeStorageBlob(other)).toThrow('`activeStorage`')
  })
})

describe('the limit of one PUT', () => {
  const size = 5 * 1024 ** 3 + 1

  test('is 5 GiB: a larger file is refused before anything is read or requested', async () => {
    const large = new File([], 'large.bin')
    Object.defineProperty(large, 'size', { value: size })
    const { uploader, hasher } = engineRig({ backend: backend() as never })
    const error = await failureOf(uploader.uploadFile(large))
    expect(error).toBeInstanceOf(TooLargeError)
    expect(error.message).toBe(`Expected a file of at most ${size - 1} bytes, got ${size} bytes`)
    expect(hasher.digested).toEqual([])
    expect(backend().fileDigest?.({ ...file, size: size - 1 })).toBe('md5')
  })
})

describe('activeStorage() in a Rails application', () => {
  const rails = { path: '/rails/active_storage/direct_uploads', csrf: true } as const
  afterEach(() => vi.unstubAllGlobals())

  /** A page's head, of which only the token matters here. */
  const page = (tokenOf: () => string | undefined) => {
    const querySelector = (selector: string) => {
      expect(selector).toBe('meta[name="csrf-token"]')
      const content = tokenOf()
      return content === undefined ? null : { content }
    }
    vi.stubGlobal('document', { querySelector })
  }

  test("needs only its path, and sends the page's current CSRF token", async () => {
    let token = 'a'
    page(() => token)
    const seen = answering(json(made))
    const own = backend(rails)
    await signed(own)
    token = 'b'
    await signed(own)
    expect(seen.map(({ path, headers }) => [path, headers.get('x-csrf-token')])).toEqual([
      ['/rails/active_storage/direct_uploads', 'a'],
      ['/rails/active_storage/direct_uploads', 'b'],
    ])
    expect(seen[0]?.headers.get('x-requested-with')).toBe('XMLHttpRequest')
    expect(seen[0]?.headers.get('accept')).toBe('application/json')
  })

  test("sends no token if the page has none, as Rails' own client does", async () => {
    page(() => undefined)
    const seen = answering(json(made))
    await signed(backend(rails))
    expect(seen[0]?.headers.has('x-csrf-token')).toBe(false)
  })

  test('sends no token in a worker, which has no page', async () => {
    const seen = answering(json(made))
    await signed(backend(rails))
    expect(seen[0]?.headers.has('x-csrf-token')).toBe(false)
  })

  test("takes the token from a function, and lets the application's headers win", async () => {
    const seen = answering(json(made))
    await signed(backend({ ...rails, csrf: async () => 'own' }))
    const mine = { 'X-CSRF-Token': 'mine' }
    for (const headers of [mine, new Headers(mine)])
      await signed(backend({ ...rails, csrf: () => 'own', headers }))
    expect(seen.map(({ headers }) => headers.get('x-csrf-token'))).toEqual(['own', 'mine', 'mine'])
  })

  test('adds only headers that need no CORS preflight for another origin', async () => {
    const seen = answering(json(made))
    await signed(backend({ headers: () => ({ 'x-api-key': 'k' }) }))
    expect([...(seen[0]?.headers.keys() ?? [])].filter((name) => name.startsWith('x-'))).toEqual([
      'x-api-key',
    ])
  })

  test('sends cookies as `credentials` says', async () => {
    const credentials: RequestCredentials[] = []
    const api = {
      send: async (request: { credentials: RequestCredentials }) => {
        credentials.push(request.credentials)
        return { status: 200, headers: {}, body: JSON.stringify(made) }
      },
    }
    for (const own of [backend(), backend({ credentials: 'include' })])
      await own.sign((await own.open(file, call)).session, one, { ...call, api })
    expect(credentials).toEqual(['same-origin', 'include'])
  })
})

describe('the name', () => {
  test('differs by server, path and checksum, so that each has checkpoints of its own', () => {
    expect(activeStorage().name).toBe('active-storage md5')
    expect(backend().name).toBe('active-storage md5 https://app.test')
    expect(backend({ checksum: 'sha256', path: 'PUT /blobs' }).name).toBe(
      'active-storage sha256 https://app.test PUT /blobs',
    )
    expect(backend({ path: () => made }).name).toBe('active-storage md5 https://app.test')
  })
})

describe('an option', () => {
  test('may refresh the headers after a 401', async () => {
    const seen = answering(json({ detail: 'expired' }, 401), json(made))
    let key = 'old'
    const onUnauthorized = () => {
      key = 'new'
    }
    await signed(backend({ headers: () => ({ 'x-api-key': key }), onUnauthorized }))
    expect(seen.map(({ headers }) => headers.get('x-api-key'))).toEqual(['old', 'new'])
  })

  test('may give the path another method, or a function in its place', async () => {
    const seen = answering(json(made))
    await signed(backend({ path: 'PUT /blobs' }))
    expect(seen).toMatchObject([{ method: 'PUT', path: '/blobs' }])
    const bodies: unknown[] = []
    const path = (body: unknown): unknown => {
      bodies.push(body)
      return made
    }
    expect(await signed(backend({ path }))).toMatchObject([{ url, memo: record }])
    expect(bodies).toEqual([{ blob: asked }])
  })

  test.each([
    [{ baseUrl: 'ftp://x' }, '`baseUrl`'],
    [{ path: 'javascript:1' }, '`endpoints.path`'],
    [
      { checksum: 'MD5' as 'md5' },
      'Expected `checksum` to be one of md5, sha256, sha256-prefixed, got "MD5"',
    ],
  ])('is refused with a TypeError at once if it is invalid: %j', (options, message) => {
    expect(() => backend(options)).toThrow(TypeError)
    expect(() => backend(options)).toThrow(message)
  })
})
