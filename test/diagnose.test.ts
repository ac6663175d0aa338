import { describe, expect, test, vi } from 'vitest'
import type { Diagnosis } from '../src/diagnose.ts'
import { HttpError, NetworkError } from '../src/errors.ts'
import type { PartResponse, PartTransport } from '../src/ports.ts'
import { FakeBackend } from './fakes/backend.ts'
import { rig } from './fakes/uploader.ts'

const now = 'Tue, 14 Nov 2023 22:13:20 GMT'
const stored: PartResponse = { status: 200, headers: { etag: '"a"', date: now }, body: '' }

/** A storage that gives this answer. `reached` says whether it can be reached at all. */
function storage(answer: PartResponse | Error, reached?: boolean): PartTransport {
  const send = async (): Promise<PartResponse> => {
    if (answer instanceof Error) throw answer
    return answer
  }
  return reached === undefined ? { send } : { send, reaches: async () => reached }
}

async function diagnosis(transport: PartTransport, backend = new FakeBackend()): Promise<Diagnosis> {
  const { uploader, checkpoints } = rig({ backend, transport })
  const found = await uploader.diagnose()
  expect(await checkpoints.list()).toEqual([])
  return found
}

function wrong({ findings }: Diagnosis): (readonly [string, string])[] {
  return findings.filter(({ ok }) => !ok).map(({ check, message }) => [check, message] as const)
}

describe('diagnose()', () => {
  test('finds nothing wrong if nothing is, and aborts its probe', async () => {
    const backend = new FakeBackend()
    const found = await diagnosis(storage(stored), backend)
    expect(found.ok).toBe(true)
    expect(found.findings.map(({ check }) => check)).toEqual([
      'server',
      'cors',
      'storage',
      'etag',
      'clock',
      'clean-up',
    ])
    expect(backend.aborted).toEqual(['session-1'])
    expect(backend.completed).toEqual([])
  })

  test('distinguishes a server that cannot sign parts from one that cannot open uploads', async () => {
    const silent = new FakeBackend()
    const said = { serviceCode: undefined, detail: 'no such route', retryAfter: undefined }
    silent.failNext('sign', new HttpError({ endpoint: 'sign', status: 404, ...said }))
    expect(wrong(await diagnosis(storage(stored), silent))).toEqual([
      ['server', 'The server opens uploads, but cannot sign their parts: sign answered 404 (no such route).'],
    ])
  })

  test('distinguishes a storage hidden by CORS from one that cannot be reached', async () => {
    const cut = new NetworkError('failed')
    const [hidden] = wrong(await diagnosis(storage(cut, true)))
    expect(hidden?.[0]).toBe('cors')
    expect(hidden?.[1]).toContain('"AllowedMethods": ["PUT"]')
    // Ceph's refusals carry no CORS headers, nor do S3's redirects to another region.
    expect(hidden?.[1]).toContain('the URL is refused: check whether it has expired')
    expect(wrong(await diagnosis(storage(cut, false)))).toEqual([
      ['storage', 'https://storage.test cannot be reached.'],
    ])
    expect(wrong(await diagnosis(storage(cut)))[0]?.[1]).toContain('or its CORS rule')
  })

  test('ends if the storage takes the connection and never answers, and says so', async () => {
    const backend = new FakeBackend()
    const { uploader, clock, transport } = rig({ backend })
    const found = uploader.diagnose()
    const probe = await transport.next()
    probe.progress(1)
    await clock.advance(61_000)
    expect(wrong(await found)).toEqual([
      ['storage', expect.stringMatching(/^https:\/\/storage\.test does not answer \(.*no answer came\)\.$/)],
    ])
    expect(backend.aborted).toEqual(['session-1'])
  })

  test.each([
    ['enforces', 'enforce', 'https://storage.test/1?signature', 'add https://storage.test to connect-src'],
    ['reports only', 'report', 'https://storage.test/1?signature', 'cannot be reached'],
    ['enforces for another', 'enforce', 'https://other.test/', 'cannot be reached'],
    ['enforces for its scripts', 'enforce', 'inline', 'cannot be reached'],
  ])("blames the page's policy if at fault (it %s)", async (_, disposition, blockedURI, said) => {
    const heard = new EventTarget()
    vi.stubGlobal('addEventListener', heard.addEventListener.bind(heard))
    const transport = storage(new NetworkError('failed'), false)
    const event = Object.assign(new Event('securitypolicyviolation'), { disposition, blockedURI })
    transport.reaches = async () => {
      heard.dispatchEvent(event)
      return false
    }
    expect(wrong(await diagnosis(transport))).toMatchObject([['storage', expect.stringContaining(said)]])
    vi.unstubAllGlobals()
  })

  test("reports a page of HTML in place of the storage's answer, since the part would be sent again", async () => {
    const page = { ...stored, body: '<!DOCTYPE html><title>Sign in</title>' }
    const [found, ...others] = wrong(await diagnosis(storage(page)))
    expect(found).toEqual([
      'storage',
      expect.stringContaining('https://storage.test answers with an HTML page'),
    ])
    expect(others).toEqual([])
    // Apache's own answer to a stored PUT.
    expect((await diagnosis(storage({ ...page, status: 201 }))).ok).toBe(true)
  })

  test('reports an error inside a 2xx as an upload does', async () => {
    const body = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
    const [found] = wrong(await diagnosis(storage({ ...stored, body })))
    expect(found).toEqual(['storage', expect.stringContaining('AccessDenied: Access Denied')])
  })

  test('shows a CORS rule for the origin of the page, to paste', async () => {
    vi.stubGlobal('origin', 'http://localhost:5173')
    const cut = new NetworkError('failed')
    for (const found of [storage(cut, true), storage(cut), storage({ ...stored, headers: {} })])
      expect(wrong(await diagnosis(found))[0]?.[1]).toContain('"AllowedOrigins": ["http://localhost:5173"]')
    vi.unstubAllGlobals()
  })

  test('names a hidden ETag, with the CORS rule that exposes it', async () => {
    const [found] = wrong(await diagnosis(storage({ ...stored, headers: {} })))
    expect(found?.[0]).toBe('etag')
    expect(found?.[1]).toContain('"ExposeHeaders": ["ETag"]')
  })

  test("passes on the storage's refusal of a signature, and how far its clock is off", async () => {
    const body = '<Error><Code>RequestTimeTooSkewed</Code></Error>'
    const headers = { date: 'Tue, 14 Nov 2023 22:33:20 GMT' }
    const found = wrong(await diagnosis(storage({ status: 403, headers, body })))
    expect(found.map(([check]) => check)).toEqual(['storage', 'clock'])
    expect(found[0]?.[1]).toContain('403 (RequestTimeTooSkewed)')
    expect(found[1]?.[1]).toContain("1200 s ahead of this machine's: set the one that is wrong")
    const behind = wrong(
      await diagnosis(storage({ ...stored, headers: { date: 'Tue, 14 Nov 2023 22:03:20 GMT' } })),
    )
    expect(behind[1]?.[1]).toContain("600 s behind this machine's: set the one that is wrong")
  })

  test.each(['x-amz-checksum-crc32=AAAAAA%3D%3D', 'x-amz-checksum-crc64nvme=AAAAAAAAAAA='])(
    'recognises a URL that was signed with the checksum of an empty body: %s',
    async (query) => {
      const backend = new FakeBackend()
      const url = `https://storage.test/1?${query}&x-amz-sdk-checksum-algorithm=CRC32`
      backend.sign = async () => [{ number: 1, url, method: 'PUT', headers: {}, validFor: undefined }]
      const refusal = { status: 400, headers: {}, body: '<Error><Code>BadDigest</Code></Error>' }
      expect(wrong(await diagnosis(storage(refusal), backend))[0]?.[1]).toContain(
        "requestChecksumCalculation: 'WHEN_REQUIRED'",
      )
      const [other] = wrong(await diagnosis(storage(refusal)))
      expect(other?.[1]).not.toContain('WHEN_REQUIRED')
    },
  )

  test('names the server if that is the problem', async () => {
    const backend = new FakeBackend()
    const details = {
      endpoint: 'open',
      status: 500,
      serviceCode: undefined,
      detail: 'boom',
      retryAfter: undefined,
    }
    backend.failNext('open', new HttpError(details))
    const found = await diagnosis(storage(stored), backend)
    expect(wrong(found)).toEqual([['server', 'The server cannot start an upload: open answered 500 (boom).']])
  })
})

describe('a storage whose CORS rule forbids the parts', () => {
  test('is named when the upload fails, with the rule to paste', async () => {
    const { uploader } = rig({ transport: storage(new NetworkError('failed'), true), retry: { attempts: 1 } })
    const upload = uploader.uploadFile(new File(['abc'], 'a'))
    await expect(upload).rejects.toMatchObject({ code: 'cors', retryable: false })
    await expect(upload).rejects.toThrow('"AllowedMethods": ["PUT"]')
  })

  test('is not blamed on CORS if it cannot be reached', async () => {
    const { uploader } = rig({
      transport: storage(new NetworkError('failed'), false),
      retry: { attempts: 1 },
    })
    await expect(uploader.uploadFile(new File(['abc'], 'a'))).rejects.toMatchObject({ code: 'network' })
  })
})
