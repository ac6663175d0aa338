import { describe, expect, test, vi } from 'vitest'
import { type NewtonOptions, newton } from '../../src/backends/newton.ts'
import { createLayout, partCount } from '../../src/layout.ts'
import type { FileDescription } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { appServer, empty, failureOf, json } from './app-server.ts'

const { answering } = appServer('https://app.test')
const call = { signal: new AbortController().signal, api: apiTransport }
const date = 'Wed, 25 Nov 2026 12:00:00 GMT'

/** The default has a test of its own. */
function backend(options: NewtonOptions = {}): ReturnType<typeof newton> {
  return newton({ baseUrl: 'https://app.test/v0.5', ...options })
}

const file: FileDescription = {
  name: 'sensors.csv',
  relativePath: '',
  size: 25,
  lastModified: 1,
  type: 'text/csv',
  digest: undefined,
  params: {},
  pictureSize: async () => undefined,
}
const whole = { size: 25, checksums: {} }

function part(part_number: number, offset: number, length: number, more: object = {}): object {
  return { part_number, url: `https://s3.test/${part_number}`, offset, length, ...more }
}

const parts = [part(1, 0, 10), part(2, 10, 10), part(3, 20, 5)]
const initiated = {
  upload_id: 'upl_1',
  file_uid: 'fil_1',
  file_name: 'sensors.csv',
  total_bytes: 25,
  num_parts: 3,
  part_size: 10,
  integrity_algorithm: 'none',
  is_resume: false,
  parts,
}
const session = {
  uploadId: 'upl_1',
  fileUid: 'fil_1',
  name: 'sensors.csv',
  size: 25,
  crc32c: false,
  parts: [
    [1, 10],
    [2, 10],
    [3, 5],
  ] as const,
}
const stored = {
  file_uid: 'fil_1',
  file_name: 'sensors.csv',
  num_bytes: 25,
  file_status: 'Registered',
  file_attributes: { rows: 3 },
}
const receipts = [1, 2, 3].map((number) => ({ number, size: number === 3 ? 5 : 10, etag: `"e${number}"` }))
const newtonError = (code: string, message = 'm') => ({ errors: [{ code, message, error_uid: 'err_1' }] })
const conflict = json(newtonError('upload_conflict', 'is completed already'), 409)

describe('initiate', () => {
  test('asks for an upload of this file, and for what remains of an earlier one', async () => {
    const seen = answering(json(initiated))
    const opened = await backend().open({ ...file, type: 'Text/CSV;charset=utf-8' }, call)
    expect(seen).toMatchObject([{ method: 'POST', path: '/v0.5/files/uploads/initiate' }])
    expect(seen[0]?.body).toEqual({
      filename: 'sensors.csv',
      file_type: 'text/csv',
      num_bytes: 25,
      resume_if_started: true,
    })
    expect(opened.session).toEqual(session)
  })

  test.each(['', 'text', 'text/', 'a/b/c', 'text/plain charset'])(
    'sends application/octet-stream if the type is invalid: %j',
    async (type) => {
      const seen = answering(json(initiated))
      await backend().open({ ...file, type }, call)
      expect(seen[0]?.body).toMatchObject({ file_type: 'application/octet-stream' })
    },
  )

  test('accepts parts in any order, numbered from 0 and of different sizes, without part_size', async () => {
    const uneven = [part(2, 9, 16), part(0, 0, 4), part(1, 4, 5)]
    const { part_size: _, ...answer } = { ...initiated, parts: uneven }
    answering(json(answer))
    const opened = await backend().open(file, call)
    expect(opened.cuts).toEqual([
      { number: 0, offset: 0, size: 4 },
      { number: 1, offset: 4, size: 5 },
      { number: 2, offset: 9, size: 16 },
    ])
    expect(opened.targets?.map(({ number, url }) => [number, url])).toEqual([
      [0, 'https://s3.test/0'],
      [1, 'https://s3.test/1'],
      [2, 'https://s3.test/2'],
    ])
  })

  test('accepts an empty file with one empty part or with none', async () => {
    for (const some of [[part(1, 0, 0)], []]) {
      answering(json({ ...initiated, total_bytes: 0, parts: some }))
      const { partSize = 0, cuts } = await backend().open({ ...file, size: 0 }, call)
      expect(createLayout(0, partSize, cuts)).toMatchObject({ fileSize: 0 })
    }
  })

  test('accepts the largest file in parts of 8 MiB, more parts than S3 has', async () => {
    const size = 250_000_000_000
    const length = 8 * 1024 ** 2
    const many = Array.from({ length: Math.ceil(size / length) }, (_, index) =>
      part(index + 1, index * length, Math.min(length, size - index * length)),
    )
    answering(json({ ...initiated, total_bytes: size, parts: many }))
    const one = backend()
    const { partSize = 0, cuts } = await one.open({ ...file, size }, call)
    expect(partCount(createLayout(size, partSize, cuts, one.limits.maxParts))).toBe(29_803)
  })

  test('accepts parts of 400 MiB', async () => {
    const size = 838_860_801
    const large = [part(1, 0, 419_430_400), part(2, 419_430_400, 419_430_400), part(3, 838_860_800, 1)]
    answering(json({ ...initiated, total_bytes: size, part_size: 419_430_400, parts: large }))
    expect(await backend().open({ ...file, size }, call)).toMatchObject({ partSize: 419_430_400 })
  })

  test('aborts an upload of the file that nobody here remembers, and initiates another', async () => {
    const resumed = { ...initiated, is_resume: true, parts: parts.slice(1) }
    const seen = answering(json(resumed), empty(), json({ ...initiated, upload_id: 'upl_2' }))
    const opened = await backend().open(file, call)
    expect(opened.session).toMatchObject({ uploadId: 'upl_2' })
    expect(seen.map(({ path, body }) => [path, body])).toEqual([
      ['/v0.5/files/uploads/initiate', expect.objectContaining({ resume_if_started: true })],
      ['/v0.5/files/uploads/upl_1/abort', undefined],
      ['/v0.5/files/uploads/initiate', expect.objectContaining({ resume_if_started: false })],
    ])
  })

  test('initiates another upload beside an existing one of the same name with another type or size (409)', async () => {
    const seen = answering(conflict, json(initiated))
    expect((await backend().open(file, call)).session).toEqual(session)
    expect(seen.map(({ body }) => body)).toMatchObject([
      { resume_if_started: true },
      { resume_if_started: false },
    ])
  })

  test('explains a second 409', async () => {
    answering(conflict)
    const error = await failureOf(backend().open(file, call))
    expect(error).toMatchObject({
      code: 'http',
      retryable: false,
      endpoint: 'initiate',
      status: 409,
      cause: { status: 409 },
    })
    expect(error.message).toBe(
      'initiate answered 409 (upload_conflict: a file with this name is being uploaded: wait, or rename it)',
    )
  })

  test('reports a failure of the second attempt as it is', async () => {
    answering(conflict, empty(503))
    expect(await failureOf(backend().open(file, call))).toMatchObject({ status: 503, retryable: true })
  })

  test.each([
    ['upload_id', { upload_id: 7 }, 'a non-empty string, got 7 (number)'],
    ['upload_id', { upload_id: '..' }, 'a string without `.` or `..` between its slashes, got ".."'],
    ['file_uid', { file_uid: undefined }, 'got undefined'],
    ['file_name', { file_name: '' }, 'got ""'],
    ['total_bytes', { total_bytes: 24 }, '25, got 24'],
    ['is_resume', { is_resume: 'no' }, 'true or false, got "no" (string)'],
    ['parts', { parts: {} }, 'a list'],
    ['part_number', { parts: [part(-1, 0, 25)] }, 'a whole number >= 0, got -1'],
    ['offset', { parts: [part(1, 0.5, 25)] }, 'got 0.5'],
    ['length', { parts: [{ ...part(1, 0, 25), length: '25' }] }, 'got "25" (string)'],
    ['url of part 1', { parts: [{ ...part(1, 0, 25), url: 'javascript:1' }] }, 'an https URL'],
    ['integrity_algorithm', { integrity_algorithm: 5 }, 'got 5'],
  ])('rejects an answer with a bad %s, and names the field: %j', async (field, wrong, message) => {
    answering(json({ ...initiated, ...wrong }))
    const error = await failureOf(backend().open(file, call))
    expect(error).toMatchObject({ code: 'backend', endpoint: 'initiate', field, retryable: false })
    expect(error.message).toContain(message)
  })
})

describe('the lifetime of a URL', () => {
  const validFor = async (more: object, headers: Record<string, string> = {}) => {
    answering(json({ ...initiated, parts: [part(1, 0, 25, more)] }, 200, headers))
    return (await backend().open(file, call)).targets?.[0]?.validFor
  }

  test("is measured by the server's own clock, whatever this machine's clock says", async () => {
    expect(await validFor({ expires_at: '2026-11-25T12:10:00Z' }, { date })).toBe(600_000)
    expect(await validFor({ expires_at: '2026-11-25T13:10:00.5+01:00' }, { date })).toBe(600_500)
  })

  test('is what the URL itself says if that is less, as with a clock that is slow', async () => {
    const url = 'https://s3.test/1?X-Amz-Expires=900&a=b'
    expect(await validFor({ url, expires_at: '2026-11-25T15:00:00Z' }, { date })).toBe(900_000)
    expect(await validFor({ url, expires_at: '2026-11-25T12:01:00Z' }, { date })).toBe(60_000)
  })

  test.each([{ expires_at: '2026-11-25T11:00:00Z' }, { expires_at: 'soon' }, {}])(
    'is unknown, or what the URL says, if a clock is fast or no date is given: %j',
    async (more) => {
      expect(await validFor(more, { date })).toBeUndefined()
      expect(await validFor({ url: 'https://s3.test/1?X-Goog-Expires=60', ...more }, { date })).toBe(60_000)
    },
  )

  test("is measured by this machine's clock if CORS hides the server's", async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString()
    const span = await validFor({ expires_at })
    expect(span).toBeGreaterThan(3_500_000)
    expect(span).toBeLessThanOrEqual(3_600_000)
  })
})

describe('reopen', () => {
  test('counts the parts as stored that the server does not ask for again', async () => {
    const seen = answering(json({ ...initiated, is_resume: true, parts: [part(2, 10, 10)] }))
    expect(await backend().reopen?.(session, file, call)).toEqual({
      parts: [
        { number: 1, size: 10, etag: undefined },
        { number: 3, size: 5, etag: undefined },
      ],
      source: 'record',
    })
    expect(seen).toMatchObject([{ body: { resume_if_started: true } }])
  })

  test('aborts a new upload that takes the place of the old one, and reports the old one as lost', async () => {
    const seen = answering(json({ ...initiated, upload_id: 'upl_2' }), empty())
    expect(await failureOf(backend().reopen?.(session, file, call))).toMatchObject({
      code: 'session-lost',
      message: expect.stringContaining('another upload took its place'),
    })
    expect(seen[1]?.path).toBe('/v0.5/files/uploads/upl_2/abort')
  })

  test('leaves another upload that is under way to its owner, and reports this one as lost', async () => {
    const seen = answering(json({ ...initiated, upload_id: 'upl_2', is_resume: true }))
    expect(await failureOf(backend().reopen?.(session, file, call))).toMatchObject({ code: 'session-lost' })
    expect(seen).toHaveLength(1)
  })

  test('relies on the local receipts if an upload of another file of this name hides the record', async () => {
    answering(conflict)
    expect(await backend().reopen?.(session, file, call)).toEqual({ parts: [], source: 'record' })
  })
})

describe('parts/urls', () => {
  const cuts = [
    { number: 2, offset: 10, size: 10 },
    { number: 1, offset: 0, size: 10 },
  ]

  test('asks for part numbers, and finds each part in the answer', async () => {
    const seen = answering(json({ parts: [part(1, 0, 10), part(2, 10, 10)] }, 200, { date }))
    const targets = await backend().sign(session, cuts, call)
    expect(targets).toMatchObject([
      { number: 2, url: 'https://s3.test/2', method: 'PUT', validFor: undefined },
      { number: 1, url: 'https://s3.test/1', method: 'PUT', validFor: undefined },
    ])
    expect(targets.map(({ headers }) => headers)).toEqual([{}, {}])
    expect(seen).toMatchObject([
      { method: 'POST', path: '/v0.5/files/uploads/upl_1/parts/urls', body: { part_numbers: [2, 1] } },
    ])
  })

  test.each([
    ['lacks a part', [part(2, 10, 10)], 'with part 1: 10 bytes at 0'],
    ['cuts a part otherwise', [part(2, 10, 10), part(1, 0, 9)], 'with part 1: 10 bytes at 0'],
    ['moves a part', [part(2, 11, 10), part(1, 0, 10)], 'with part 2: 10 bytes at 10'],
  ])('an answer that %s is an error that names the part', async (_, answer, message) => {
    answering(json({ parts: answer }))
    const error = await failureOf(backend().sign(session, cuts, call))
    expect(error).toMatchObject({ code: 'backend', endpoint: 'partUrls', field: 'parts' })
    expect(error.message).toContain(message)
  })
})

describe('checkpoint', () => {
  test('posts the tokens exactly as the storage gave them, with their quotes', async () => {
    const seen = answering(json({ num_checkpointed: 2 }))
    await backend().record?.(session, receipts.slice(0, 2), call)
    expect(seen).toMatchObject([{ method: 'POST', path: '/v0.5/files/uploads/upl_1/parts/checkpoint' }])
    expect(seen[0]?.body).toEqual({
      parts: [
        { part_number: 1, part_token: '"e1"' },
        { part_number: 2, part_token: '"e2"' },
      ],
    })
  })
})

describe('complete', () => {
  test('posts the tokens of all parts that the server has not shown it knows', async () => {
    const seen = answering(json(stored))
    const [one, two, three] = receipts
    const held = [{ ...one, isOnRecord: true, etag: '' }, two, three].filter(
      (receipt) => receipt !== undefined,
    )
    expect(await backend().complete(session, held as typeof receipts, whole, call)).toEqual({
      key: 'sensors.csv',
      details: stored,
    })
    expect(seen).toMatchObject([{ method: 'POST', path: '/v0.5/files/uploads/upl_1/complete' }])
    expect(seen[0]?.body).toEqual({
      parts: [
        { part_number: 2, part_token: '"e2"' },
        { part_number: 3, part_token: '"e3"' },
      ],
    })
  })

  test('posts an empty list if the server knows all parts', async () => {
    const seen = answering(json(stored))
    await backend().complete(
      session,
      receipts.map((one) => ({ ...one, isOnRecord: true })),
      whole,
      call,
    )
    expect(seen[0]?.body).toEqual({ parts: [] })
  })

  test.each([
    ['e3069283', '4waSgw=='], // of 123456789, which base64 shows in big-endian order
    ['00000000', 'AAAAAA=='], // of no bytes
    ['0000000f', 'AAAADw=='],
  ])('posts the CRC32C %s as %s if the server asked for it', async (crc32c, base64) => {
    const seen = answering(json(stored))
    const asked = { ...session, crc32c: true }
    expect(backend().wholeChecksum?.(asked)).toBe('crc32c')
    await backend().complete(asked, receipts, { ...whole, checksums: { crc32c } }, call)
    expect(seen[0]?.body).toMatchObject({ integrity_checksum: base64 })
  })

  test('posts no checksum if the server did not ask for one, or none is known', async () => {
    const seen = answering(json(stored))
    expect(backend().wholeChecksum?.(session)).toBeUndefined()
    await backend().complete(session, receipts, { ...whole, checksums: { crc32c: 'e3069283' } }, call)
    await backend().complete({ ...session, crc32c: true }, receipts, whole, call)
    expect(seen.map(({ body }) => Object.keys(body as object))).toEqual([['parts'], ['parts']])
  })

  test.each([
    ['crc32c', true],
    ['none', false],
    [undefined, false],
    ['sha512', false],
  ])('keeps the algorithm %s in the session as %s', async (integrity_algorithm, crc32c) => {
    answering(json({ ...initiated, integrity_algorithm }))
    expect((await backend().open(file, call)).session).toMatchObject({ crc32c })
  })

  test('rejects a corrupt file with an error that is not retried', async () => {
    answering(json({ ...stored, file_status: 'Corrupt' }))
    expect(await failureOf(backend().complete(session, receipts, whole, call))).toMatchObject({
      code: 'http',
      serviceCode: 'Corrupt',
      retryable: false,
      message: 'complete answered 200 (Corrupt: not what was sent)',
    })
  })

  test.each([
    ['file_name', { file_name: null }],
    ['num_bytes', { num_bytes: 24 }],
    ['file_status', { file_status: undefined }],
  ])('rejects an answer with a bad %s, and names the field', async (field, wrong) => {
    answering(json({ ...stored, ...wrong }))
    expect(await failureOf(backend().complete(session, receipts, whole, call))).toMatchObject({
      code: 'backend',
      endpoint: 'complete',
      field,
    })
  })
})

describe('complete, after the answer to an earlier complete was lost', () => {
  const again = (...answers: Parameters<typeof answering>) => {
    const seen = answering(conflict, ...answers)
    return { seen, completed: backend().complete({ ...session, name: 'ä b/c.csv' }, receipts, whole, call) }
  }

  test('returns the file that resulted', async () => {
    const { seen, completed } = again(json(stored))
    expect(await completed).toEqual({ key: 'sensors.csv', details: stored })
    expect(seen[1]).toMatchObject({ method: 'GET', path: '/v0.5/files/metadata/%C3%A4%20b%2Fc.csv' })
  })

  test.each([
    ['there is none', json(newtonError('NOT_FOUND'), 404)],
    ["it is another upload's", json({ ...stored, file_uid: 'fil_0' })],
    [
      "it is another upload's that is corrupt",
      json({ ...stored, file_uid: 'fil_0', file_status: 'Corrupt' }),
    ],
    ['it is not ready', json({ ...stored, file_status: 'Uploading' })],
  ])('may be retried while %s', async (_, answer) => {
    expect(await failureOf(again(answer).completed)).toMatchObject({
      code: 'http',
      retryable: true,
      cause: { status: 409 },
      message: expect.stringContaining('there is no file yet'),
    })
  })

  test('rejects if the file is corrupt, or its status cannot be read', async () => {
    expect(await failureOf(again(json({ ...stored, file_status: 'Corrupt' })).completed)).toMatchObject({
      serviceCode: 'Corrupt',
      retryable: false,
    })
    expect(await failureOf(again(empty(503)).completed)).toMatchObject({ endpoint: 'metadata', status: 503 })
  })
})

describe('status', () => {
  test.each([
    [json(stored), { state: 'completed', key: 'sensors.csv', details: stored }],
    [json({ ...stored, file_status: 'Ingested' }), { state: 'completed' }],
    [json({ ...stored, file_uid: 'fil_0' }), { state: 'gone', isGuess: true }],
    [json({ ...stored, file_status: 'Deleted' }), { state: 'gone', isGuess: true }],
    [empty(404), { state: 'gone', isGuess: true }],
  ])('follows from the metadata of the file (%#)', async (answer, state) => {
    answering(answer)
    expect(await backend().status?.(session, call)).toMatchObject(state)
  })

  test('is unknown if the server does not say', async () => {
    answering(empty(500))
    expect(await failureOf(backend().status?.(session, call))).toMatchObject({ status: 500, retryable: true })
  })
})

describe('abort', () => {
  test('sends no body and reads none', async () => {
    const seen = answering(empty())
    await backend().abort?.(session, call)
    expect(seen).toMatchObject([{ method: 'POST', path: '/v0.5/files/uploads/upl_1/abort', body: undefined }])
    const send = vi.fn(async () => ({ status: 200, headers: {}, body: '' }))
    await backend().abort?.(session, { ...call, api: { send } })
    expect(send).toHaveBeenCalledWith(expect.not.objectContaining({ json: undefined }), expect.anything())
  })

  test.each([404, 410, 409])('succeeds if the upload is gone or complete (%i)', async (status) => {
    answering(() => Response.json({}, { status }))
    await backend().abort?.(session, call)
  })

  test('rejects if the server fails', async () => {
    answering(empty(500))
    expect(await failureOf(backend().abort?.(session, call))).toMatchObject({ status: 500 })
  })
})

describe('an upload that the server no longer knows', () => {
  const own = backend()
  const calls = {
    partUrls: () => own.sign(session, [], call),
    checkpoint: async () => own.record?.(session, receipts, call),
    complete: () => own.complete(session, receipts, whole, call),
  }

  test.each(Object.entries(calls))('is a SessionLostError in %s', async (_, request) => {
    for (const answer of [empty(404), empty(410), json(newtonError('upload_not_found'), 400)]) {
      answering(answer)
      expect(await failureOf(request())).toMatchObject({ code: 'session-lost' })
    }
  })
})

describe('an error from the server', () => {
  const opening = (body: unknown, status: number) => {
    answering(json(body, status))
    return failureOf(backend().open(file, call))
  }

  test.each([
    [newtonError('invalid_file_type'), 'invalid_file_type', 'm'],
    [
      {
        errors: [
          { code: 'a_b', message: 'one' },
          { code: 'c_d', message: 'two' },
        ],
      },
      'a_b',
      'one; two',
    ],
    [{ error: { code: 'capacity_reached', message: 'm', details: {} } }, 'capacity_reached', 'm'],
    [{ detail: 'no key' }, undefined, 'no key'],
    [{ detail: [{ loc: ['body', 'filename'], msg: 'required' }] }, undefined, 'body.filename: required'],
  ])('is reported with its code and message: %j', async (body, serviceCode, said) => {
    const error = await opening(body, 400)
    expect(error).toMatchObject({ status: 400, serviceCode, retryable: false })
    expect(error.message).toContain(said)
  })

  test('may say in its body when to retry', async () => {
    const error = { code: 'capacity_reached', message: 'm', details: { retry_after: 7 } }
    expect(await opening({ error }, 429)).toMatchObject({ code: 'throttled', retryAfter: 7_000 })
  })
})

describe('the API key', () => {
  test('is sent as a bearer token, and a function is asked for it before every call', async () => {
    const seen = answering(json(initiated))
    let count = 0
    for (const apiKey of ['key', () => `key-${++count}`, async () => `key-${++count}`])
      await backend({ apiKey }).open(file, call)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer key',
      'Bearer key-1',
      'Bearer key-2',
    ])
  })

  test("is left to a proxy if it is not given, and the application's own headers are sent", async () => {
    const seen = answering(json(initiated))
    await backend({ headers: { 'x-csrf': 't' } }).open(file, call)
    await backend({ apiKey: 'key', headers: async () => ({ 'x-csrf': 't' }) }).open(file, call)
    expect(seen.map(({ headers }) => [headers.get('authorization'), headers.get('x-csrf')])).toEqual([
      [null, 't'],
      ['Bearer key', 't'],
    ])
  })

  test("gives way to the application's own Authorization header, in upper or lower case", async () => {
    const seen = answering(json(initiated))
    const own = { Authorization: 'Bearer own' }
    for (const headers of [own, () => own, new Headers(own), async () => new Headers(own)])
      await backend({ apiKey: 'key', headers }).open(file, call)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(Array(4).fill('Bearer own'))
  })

  test('is never part of a target or of a session', async () => {
    answering(json(initiated))
    expect(JSON.stringify(await backend({ apiKey: 'canary' }).open(file, call))).not.toContain('canary')
  })

  test('is asked for again after a 401', async () => {
    const seen = answering(json({ detail: 'expired' }, 401), json(initiated))
    let apiKey = 'old'
    const onUnauthorized = () => {
      apiKey = 'new'
    }
    await backend({ apiKey: () => apiKey, onUnauthorized }).open(file, call)
    expect(seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer old', 'Bearer new'])
  })
})

describe('endpoints', () => {
  test('are below the documented API, unless `baseUrl` says otherwise', () => {
    expect(newton().name).toBe('newton https://api.u1.archetypeai.app/v0.5')
    expect(newton({ baseUrl: '/newton' }).name).toBe('newton /newton')
  })

  test('can each be another path, another method, or a function', async () => {
    const seen = answering(json(initiated), json({ parts: [] }), empty(), json(stored), empty(), json(stored))
    const own = backend({
      endpoints: {
        initiate: '/start',
        partUrls: 'PUT /urls/{uploadId}',
        checkpoint: 'PATCH /u/{uploadId}',
        complete: 'https://app.test/done/{uploadId}',
        abort: 'DELETE /u/{uploadId}',
        metadata: '/files?name={fileName}',
      },
    })
    await own.open(file, call)
    await own.sign(session, [], call)
    await own.record?.(session, receipts, call)
    await own.complete(session, receipts, whole, call)
    await own.abort?.(session, call)
    await own.status?.(session, call)
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v0.5/start',
      'PUT /v0.5/urls/upl_1',
      'PATCH /v0.5/u/upl_1',
      'POST /done/upl_1',
      'DELETE /v0.5/u/upl_1',
      'GET /v0.5/files?name=sensors.csv',
    ])
    const asked: unknown[] = []
    const metadata = (body: unknown): unknown => {
      asked.push(body)
      return stored
    }
    await backend({ endpoints: { metadata } }).status?.(session, call)
    expect(asked).toEqual([{ fileName: 'sensors.csv' }])
  })

  test.each([
    [{ baseUrl: 'ftp://x' }, '`baseUrl`'],
    [{ endpoints: { abort: 'javascript:1' } }, '`endpoints.abort`'],
  ])('refuse a bad value with a TypeError at once: %j', (options, message) => {
    expect(() => newton(options)).toThrow(TypeError)
    expect(() => newton(options)).toThrow(message)
  })
})
