/** What is true of every backend. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { ServerOptions } from '../../src/backends/server.ts'
import {
  activeStorage,
  type Backend,
  bkend,
  defineBackend,
  fragno,
  memoryCheckpoints,
  newton,
  presigned,
  Uploader,
} from '../../src/index.ts'
import type { ApiRequest, ApiResponse, FileDescription } from '../../src/ports.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { FakeHasher } from '../fakes/uploader.ts'

const makers: readonly (readonly [string, (options: ServerOptions) => Backend])[] = [
  ['presigned', (options) => presigned(options)],
  ['fragno', (options) => fragno(options)],
  ['bkend', (options) => bkend({ apiKey: 'pk_k', ...options })],
  ['newton', (options) => newton(options)],
  ['activeStorage', (options) => activeStorage(options)],
  [
    'defineBackend',
    (options) =>
      defineBackend({
        ...options,
        name: 'own',
        open: async (_, server) => ({ session: (await server.post('/open')).text('id'), partSize: 5 }),
        sign: async () => [],
        complete: async () => ({ key: 'k' }),
      }),
  ],
]

const file: FileDescription = {
  name: 'a.bin',
  relativePath: '',
  size: 3,
  lastModified: 1,
  type: '',
  digest: 'ab'.repeat(16),
  params: {},
  pictureSize: async () => undefined,
}

/** The first call that a backend makes, whatever comes of it. */
async function firstCall(backend: Backend): Promise<ApiRequest | undefined> {
  const requests: ApiRequest[] = []
  const api = {
    send: async (request: ApiRequest): Promise<ApiResponse> => {
      requests.push(request)
      return { status: 400, headers: {}, body: '' }
    },
  }
  const call = { signal: new AbortController().signal, api }
  const opened = await backend.open(file, call).catch(() => undefined)
  // activeStorage makes its first call when it signs.
  if (opened) await backend.sign(opened.session, [{ number: 1, offset: 0, size: 3 }], call).catch(() => {})
  return requests[0]
}

const badHeader = new TypeError('Expected `headers` to be valid headers')

/** The error that the backend fails with before it has made a call. */
async function failureOf(backend: Backend): Promise<unknown> {
  const api = { send: () => Promise.reject(new Error('Expected no call')) }
  const call = { signal: new AbortController().signal, api }
  const begun = backend.open(file, call)
  return begun
    .then(({ session }) => backend.sign(session, [{ number: 1, offset: 0, size: 3 }], call))
    .catch((error: unknown) => error)
}

test.each([
  ['bkend', bkend({ apiKey: 'pk_k', accessToken: 'sec\nret' })],
  ['newton', newton({ apiKey: 'sec\nret' })],
])('%s keeps its key out of the error message', async (_, backend) => {
  expect(await failureOf(backend)).toEqual(badHeader)
})

describe.each(makers)('%s', (_, make) => {
  test('sends cookies as `credentials` says, and only to its own origin by default', async () => {
    expect(await firstCall(make({ baseUrl: '/api' }))).toMatchObject({ credentials: 'same-origin' })
    for (const credentials of ['include', 'omit'] as const)
      expect(await firstCall(make({ baseUrl: '/api', credentials }))).toMatchObject({ credentials })
  })

  test('has its address in its name, but nothing that may be secret', () => {
    const bases = ['/api', '/other', '/api?key=first', '/api?key=second', 'https://app.test/api']
    const names = bases.map((baseUrl) => make({ baseUrl }).name)
    expect(new Set(names).size).toBe(bases.length)
    expect(names.join()).not.toMatch(/key|first|second/)
    expect(make({ baseUrl: '/api' }).name).toBe(names[0])
  })

  test('keeps a token that no header can carry out of the error, although Firefox and Node show it in theirs', async () => {
    const headers = { authorization: 'Bearer sec\nret' }
    expect(await failureOf(make({ baseUrl: '/api', headers }))).toEqual(badHeader)
  })

  test('has another name in another folder of the origin, if its address is relative to the page', () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    const nameIn = (href: string, baseUrl: string): string => {
      vi.stubGlobal('location', { href })
      return make({ baseUrl }).name
    }
    expect(nameIn('https://app.test/one/', './api')).not.toBe(nameIn('https://app.test/two/', './api'))
    expect(nameIn('https://app.test/one/', '/api')).toBe(nameIn('https://app.test/two/', '/api'))
  })

  test('needs a full address in a worker made from a Blob, which has no address of its own', () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    vi.stubGlobal('location', new URL('blob:https://app.test/7d2f'))
    for (const baseUrl of ['/api', './api', 'api', '//app.test/api'])
      expect(() => make({ baseUrl })).toThrow(
        `Expected \`baseUrl\` to be an absolute http(s) URL in a worker made of a Blob, got "${baseUrl}" (string)`,
      )
    // With an empty base, the paths of the endpoints are full addresses.
    for (const baseUrl of ['https://app.test/api', '']) expect(() => make({ baseUrl })).not.toThrow()
  })

  test('has a name of its own', () => {
    const others = makers
      .filter(([, other]) => other !== make)
      .map(([, other]) => other({ baseUrl: '/api' }).name)
    expect(others).not.toContain(make({ baseUrl: '/api' }).name)
  })
})

describe('a file that is larger than the server accepts', () => {
  const gibibyte = 1024 ** 3
  const limits: readonly (readonly [string, Backend, number])[] = [
    ['presigned, ten thousand parts of 5 GiB', presigned(), 10_000 * 5 * gibibyte],
    ['fragno', fragno({}), 10_000 * 5 * gibibyte],
    ['bkend', bkend({ apiKey: 'pk_k' }), 10_000 * 5 * gibibyte],
    ['newton, 250 GB', newton(), 250_000_000_000],
    ['activeStorage, one PUT', activeStorage(), 5 * gibibyte],
  ]

  test.each(limits)('is refused before anything is requested or read: %s', async (_, backend, limit) => {
    const asked: ApiRequest[] = []
    const api = {
      send: async (request: ApiRequest): Promise<ApiResponse> => {
        asked.push(request)
        return { status: 400, headers: {}, body: '' }
      },
    }
    const hasher = new FakeHasher()
    const tabs = new FakeBrowser().tab()
    const uploader = new Uploader({ backend, api, checkpoints: memoryCheckpoints(), hasher, tabs })
    const sized = (size: number): File =>
      Object.defineProperty(new File(['abc'], 'a'), 'size', { value: size })
    await expect(uploader.uploadFile(sized(limit + 1))).rejects.toMatchObject({ code: 'too-large', limit })
    expect([asked, hasher.reads]).toEqual([[], []])
  })
})
