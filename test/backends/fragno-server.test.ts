/** The adapter with the real engine against the reference server. The stored bytes are read back and compared. */
import { describe, expect, test } from 'vitest'
import type { FragnoSettings, Strategy } from '../../demo/server/backends/fragno/settings.ts'
import { demoToken } from '../../demo/server/backends/reference/control.ts'
import type { FaultEffect } from '../../demo/server/backends/reference/fault.ts'
import { fragnoFile } from '../../src/backends/fragno-file.ts'
import type { UploadResult } from '../../src/ports.ts'
import { fragnoContract } from '../demo/contract/fragno.ts'
import { contentOf } from '../demo/fragno/fragno-rig.ts'
import { sharedRig } from '../demo/reference/rig.ts'
import { until } from '../until.ts'
import { bytesOf, mebibyte, newFile, type Visit, visit } from './fragno-visit.ts'

const rig = sharedRig(fragnoContract, (demo) => demo.controls.fragno)

const strategies: readonly Strategy[] = ['direct-single', 'direct-multipart', 'proxy']

/** Milliseconds, for a machine that may be busy. */

function serve(strategy: Strategy, settings: Partial<FragnoSettings> = {}): void {
  rig().control.settings.change({ strategy, partSize: 5 * mebibyte, ...settings })
}

function order(endpoint: string, effect: FaultEffect, times = 1): void {
  rig().control.faults.add({ endpoint, times, effect })
}

async function expectStored(file: File, { key }: UploadResult): Promise<void> {
  const stored = await contentOf(rig(), { fileKey: key })
  expect(stored.equals(await bytesOf(file))).toBe(true)
}

/** The number of sessions that the page's calls were about. */
function sessionsOf({ api, transport }: Visit): number {
  const urls = [...api.requests, ...transport.sent].map(({ url }) => url)
  return new Set(urls.map((url) => /\/fragno\/uploads\/([^/?]+)/.exec(url)?.[1]).filter(Boolean)).size
}

/** Uploads the file, and expects the storage to hold exactly its bytes. */
async function upload(file: File, one: Visit = visit(rig())): Promise<UploadResult> {
  const result = await one.uploader.uploadFile(file)
  await expectStored(file, result)
  return result
}

/**
 * Stops when this many parts have been stored and the others are on their way, which is what a closed page leaves
 * behind.
 *
 * @param expectBefore What must have happened by then.
 */
async function interrupt(
  file: File,
  { uploader, transport }: Visit,
  after: number,
  expectBefore: () => void = () => {},
): Promise<void> {
  transport.interfere = async (_, { signal }) => {
    if (transport.sent.length > after) await aborted(signal)
    return undefined
  }
  const sending = uploader.uploadFile(file)
  await until(() => {
    expect(transport.sent.length).toBeGreaterThan(after)
    expect(sending.progress.confirmed).toBe(after * 5 * mebibyte)
    expectBefore()
  })
  sending.pause()
  await until(() => expect(sending.state.status).toBe('paused'))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

/** The answers that can get lost. */
const losses: Readonly<Record<Strategy, readonly (readonly [endpoint: string, effect: FaultEffect])[]>> = {
  'direct-single': [...lossesOf('POST /uploads'), ...lossesOf('POST /uploads/:uploadId/complete')],
  'direct-multipart': [
    ...lossesOf('POST /uploads'),
    ...lossesOf('POST /uploads/:uploadId/parts'),
    ...lossesOf('POST /uploads/:uploadId/complete'),
  ],
  proxy: [
    ...lossesOf('POST /uploads'),
    ...lossesOf('PUT /uploads/:uploadId/content'),
    ...lossesOf('GET /uploads/:uploadId'),
  ],
}

function lossesOf(endpoint: string): readonly (readonly [endpoint: string, effect: FaultEffect])[] {
  const effects: readonly FaultEffect[] = [
    { kind: 'cut' },
    { kind: 'cut-answer' },
    { kind: 'answer', status: 504, when: 'after' },
    { kind: 'error', code: 'STORAGE_ERROR' },
    { kind: 'error', code: 'STORAGE_ERROR', when: 'after' },
    { kind: 'error', code: 'INTERNAL_SERVER_ERROR', when: 'after' },
  ]
  return effects.map((effect) => [endpoint, effect])
}

const sizes: Readonly<Record<Strategy, readonly number[]>> = {
  'direct-single': [0, 1, 3 * mebibyte],
  'direct-multipart': [0, 1, 5 * mebibyte, 11 * mebibyte + 7],
  proxy: [0, 1, 3 * mebibyte],
}

describe.each(strategies)('%s', (strategy) => {
  /** Three parts, if the strategy has parts. */
  const large = strategy === 'direct-multipart' ? 11 * mebibyte : 100_000

  test.each(sizes[strategy])('stores a file of %i bytes unchanged', async (size) => {
    serve(strategy)
    const file = newFile(size)
    const { key, checksums, details } = await upload(file)
    const digest = checksums.sha256
    expect(key).toBe(`${digest}/${file.name}`)
    expect(fragnoFile(details)).toMatchObject({
      fileKey: key,
      filename: file.name,
      sizeBytes: size,
      contentType: 'application/x-test',
      checksum: { algo: 'sha256', value: digest },
      visibility: 'private',
      status: 'ready',
      provider: 's3',
    })
  })

  test.each(['md5', 'none'] as const)('works with the checksum %s', async (checksum) => {
    serve(strategy)
    const file = newFile(1000)
    const { details } = await upload(file, visit(rig(), { checksum }))
    expect(fragnoFile(details)?.checksum?.algo ?? 'none').toBe(checksum)
  })

  test('sends visibility, tags, metadata and uploader, the same for all files or chosen per file', async () => {
    serve(strategy)
    const options = {
      visibility: 'unlisted',
      tags: ({ name }: { readonly name: string }) => [name, 'b'],
      metadata: async () => ({ a: { b: [1] } }),
      uploaderId: 'user-1',
      provider: 's3',
    } as const
    const { details } = await visit(rig(), options).uploader.uploadFile(newFile(10, 'a.bin'))
    expect(fragnoFile(details)).toMatchObject({
      visibility: 'unlisted',
      tags: ['a.bin', 'b'],
      metadata: { a: { b: [1] } },
      uploaderId: 'user-1',
    })
  })

  test("sends the upload's params as its metadata", async () => {
    serve(strategy)
    const params = { album: '42', nested: { deep: true } }
    const { details } = await visit(rig()).uploader.uploadFile(newFile(10), { params })
    expect(fragnoFile(details)?.metadata).toEqual(params)
  })

  test("understands the newest source's answer to complete too", async () => {
    serve(strategy, { completion: 'published' })
    const file = newFile(10)
    const { key, details } = await upload(file)
    expect([key, fragnoFile(details)?.filename]).toEqual([details && fragnoFile(details)?.fileKey, file.name])
  })

  test.each(losses[strategy])('stores the file once if %s is answered %j', async (endpoint, effect) => {
    serve(strategy)
    order(endpoint, effect)
    const file = newFile(large)
    const { details } = await upload(file)
    expect(fragnoFile(details)?.filename).toBe(file.name)
    expect(rig().control.faults.rules).toEqual([])
  })

  test('finds the same file already stored, and sends nothing', async () => {
    serve(strategy)
    const file = newFile(large)
    const first = await upload(file)
    const again = visit(rig())
    expect(await again.uploader.uploadFile(file)).toEqual(first)
    expect(again.transport.sent).toEqual([])
  })

  test('refuses another file under a key that is taken, in words that help', async () => {
    serve(strategy)
    const fileKey = `taken/${strategy}`
    const first = newFile(10, 'a.bin')
    await upload(first, visit(rig(), { fileKey }))
    for (const second of [newFile(10, 'a.bin'), new File([first], 'b.bin', { type: first.type })]) {
      await expect(visit(rig(), { fileKey }).uploader.uploadFile(second)).rejects.toMatchObject({
        name: 'HttpError',
        status: 409,
        serviceCode: 'FILE_ALREADY_EXISTS',
        message: expect.stringContaining('delete it, or choose another fileKey'),
      })
    }
    await expectStored(first, { key: fileKey, size: 10, checksums: {} })
  })

  /** The same browser's next visit, after the session has expired. */
  async function visitLate(file: File): Promise<Visit> {
    serve(strategy)
    const first = visit(rig())
    await interrupt(file, first, strategy === 'direct-multipart' ? 1 : 0)
    rig().control.expireSessions()
    return visit(rig(), {}, first.checkpoints)
  }

  test('begins again if the session has expired meanwhile', async () => {
    const file = newFile(large)
    const second = await visitLate(file)
    const warnings: string[] = []
    const sending = second.uploader.uploadFile(file)
    sending.on('warning', ({ code }) => warnings.push(code))
    await expectStored(file, await sending)
    expect(warnings).toEqual(['session-lost'])
  })

  test('begins again if the session has expired, even if neither its status nor a clock shows it', async () => {
    const file = newFile(large)
    const second = await visitLate(file)
    const send = second.api.send.bind(second.api)
    second.api.send = async (request, call) => {
      const { headers, body, ...answer } = await send(request, call)
      const { date: _, ...shown } = headers
      return { ...answer, headers: shown, body: body.replace('"status":"expired"', '"status":"in_progress"') }
    }
    await upload(file, second)
    expect(sessionsOf(second)).toBe(2)
  })

  test('begins again, once, if the session expires before it is completed', async () => {
    serve(strategy)
    const file = newFile(large)
    const one = visit(rig())
    let isOver = false
    one.transport.interfere = async () => {
      if (!isOver) rig().control.expireSessions()
      isOver = true
      return undefined
    }
    await upload(file, one)
    expect(sessionsOf(one)).toBe(2)
  })

  test('refreshes a token that has expired, and sends nothing of it to the storage', async () => {
    serve(strategy)
    let token = 'stale'
    const headers = () => ({ authorization: `Bearer ${token}`, 'Content-Type': 'application/json' })
    const onUnauthorized = (): void => {
      token = demoToken
    }
    const one = visit(rig(), { headers, onUnauthorized })
    one.transport.interfere = async () => {
      // Between the creation and the next call.
      token = one.transport.sent.length === 1 ? 'stale' : token
      return undefined
    }
    await upload(newFile(large), one)
    const { base } = rig().client
    const toStorage = one.transport.sent.filter(({ url }) => !url.startsWith(base))
    expect(toStorage.length > 0).toBe(strategy !== 'proxy')
    expect(JSON.stringify(toStorage)).not.toContain('Bearer')
    expect(JSON.stringify(await one.checkpoints.list())).not.toContain('Bearer')
  })

  test('makes the server throw the upload away and free its key when it is cancelled', async () => {
    serve(strategy)
    const options = { fileKey: `cancelled/${strategy}`, checksum: 'none' } as const
    const one = visit(rig(), options)
    one.transport.interfere = async (_, { signal }) => {
      await aborted(signal)
      return undefined
    }
    const sending = one.uploader.uploadFile(newFile(large))
    await until(() => expect(one.transport.sent.length).toBeGreaterThan(0))
    await sending.cancel()
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' })
    expect(one.calls().at(-1)).toBe('POST /uploads/{id}/abort')
    await upload(newFile(large), visit(rig(), options))
  })

  test('finds an upload again by its checksum if the checkpoint is lost', async () => {
    serve(strategy)
    const file = newFile(large)
    const [first, second] = [visit(rig()), visit(rig())]
    await interrupt(file, first, 0)
    await upload(file, second)
    const urls = [first, second].map(({ transport }) => transport.sent[0]?.url.split('?')[0])
    expect(urls[1]).toBe(urls[0])
  })

  test('does not find an upload again without a checksum, and says what to do', async () => {
    serve(strategy)
    const options = { fileKey: `unknown/${strategy}`, checksum: 'none' } as const
    await interrupt(newFile(large), visit(rig(), options), 0)
    await expect(visit(rig(), options).uploader.uploadFile(newFile(10))).rejects.toMatchObject({
      name: 'HttpError',
      serviceCode: 'UPLOAD_ALREADY_ACTIVE',
      message: expect.stringContaining('abort it, let it expire, or choose another fileKey'),
    })
  })

  test("does not take another file's upload for this file's", async () => {
    serve(strategy)
    const options = { fileKey: `mismatch/${strategy}` }
    await interrupt(newFile(large), visit(rig(), options), 0)
    await expect(visit(rig(), options).uploader.uploadFile(newFile(10))).rejects.toMatchObject({
      serviceCode: 'UPLOAD_METADATA_MISMATCH',
      message: expect.stringContaining('choose another fileKey'),
    })
  })

  test('goes on at the next visit with the checkpoint', async () => {
    serve(strategy)
    const file = newFile(large)
    const stored = strategy === 'direct-multipart' ? 1 : 0
    const first = visit(rig())
    await interrupt(file, first, stored)
    const second = visit(rig(), {}, first.checkpoints)
    await upload(file, second)
    const all = strategy === 'direct-multipart' ? 3 : 1
    expect(second.transport.sent).toHaveLength(all - stored)
    expect(second.calls()).not.toContain('POST /uploads')
  })

  test('is done if another visit has completed the upload meanwhile', async () => {
    serve(strategy)
    const file = newFile(large)
    const first = visit(rig())
    await interrupt(file, first, strategy === 'direct-multipart' ? 1 : 0)
    const result = await upload(file)
    const second = visit(rig(), {}, first.checkpoints)
    expect((await second.uploader.uploadFile(file)).key).toBe(result.key)
    expect(second.transport.sent).toEqual([])
  })
})

describe('direct-multipart', () => {
  test('records its parts, and does not send them again if the session is found by its checksum', async () => {
    serve('direct-multipart')
    const file = newFile(11 * mebibyte)
    const first = visit(rig())
    // Progress is reported when parts are recorded.
    await interrupt(file, first, 1, () => expect(first.calls()).toContain('POST /uploads/{id}/progress'))
    const second = visit(rig())
    await upload(file, second)
    expect(second.transport.sent.map(({ number }) => number).sort()).toEqual([2, 3])
  })

  test.each([
    ['POST /uploads/:uploadId/parts/complete', 'STORAGE_ERROR'],
    ['POST /uploads/:uploadId/progress', 'UPLOAD_EXPIRED'],
  ])('does not fail if %s does', async (endpoint, code) => {
    serve('direct-multipart')
    order(endpoint, { kind: 'error', code })
    const file = newFile(11 * mebibyte)
    const first = visit(rig())
    await interrupt(file, first, 1, () => expect(rig().control.faults.rules).toEqual([]))
    await upload(file, visit(rig(), {}, first.checkpoints))
  })

  test("goes on with the checkpoint's parts if the server lists none", async () => {
    serve('direct-multipart', { listsParts: false })
    const file = newFile(11 * mebibyte)
    const first = visit(rig())
    await interrupt(file, first, 1)
    const second = visit(rig(), {}, first.checkpoints)
    await upload(file, second)
    expect(second.transport.sent.map(({ number }) => number).sort()).toEqual([2, 3])
    expect(second.calls()).toContain('GET /uploads/{id}/parts')
  })

  test('asks for URLs again when the storage has refused them', async () => {
    serve('direct-multipart')
    const file = newFile(11 * mebibyte)
    const one = visit(rig())
    one.transport.interfere = async () =>
      one.transport.sent.length <= 3 ? { status: 403, headers: {}, body: '' } : undefined
    await upload(file, one)
    expect(one.transport.sent).toHaveLength(6)
    expect(one.calls().filter((call) => call === 'POST /uploads/{id}/parts').length).toBeGreaterThan(1)
  })

  test('begins again if somebody aborts the upload meanwhile', async () => {
    serve('direct-multipart')
    const file = newFile(11 * mebibyte)
    const one = visit(rig())
    let isAborted = false
    one.transport.interfere = async () => {
      const [, session] = one.api.requests
      if (!isAborted && session !== undefined) {
        isAborted = true
        await rig().client.done(
          `POST ${session.url.slice(rig().client.base.length).replace('/parts?', '/abort?')}`,
        )
      }
      return undefined
    }
    await upload(file, one)
    expect(sessionsOf(one)).toBe(2)
  })
})

describe('proxy', () => {
  test('ends the session if a PUT fails for good, and sends the file to a new one', async () => {
    serve('proxy')
    rig().demo.store?.faults.add({
      operation: 'PutObject',
      times: 1,
      effect: { kind: 'status', status: 403, code: 'AccessDenied' },
    })
    const one = visit(rig())
    await upload(newFile(mebibyte), one)
    expect(sessionsOf(one)).toBe(2)
  })

  test("sends the application's headers to its own server, with the type application/octet-stream", async () => {
    serve('proxy')
    const one = visit(rig(), { credentials: 'include' })
    await upload(newFile(10), one)
    expect(one.transport.sent).toMatchObject([
      {
        url: expect.stringMatching(/\/fragno\/uploads\/[^/]+\/content\?provider=s3$/),
        method: 'PUT',
        headers: { authorization: `Bearer ${demoToken}`, 'content-type': 'application/octet-stream' },
        credentials: 'include',
      },
    ])
  })
})

describe('direct-single', () => {
  test('leaves out headers that a page cannot set', async () => {
    serve('direct-single', { namesHost: true })
    const one = visit(rig())
    await upload(newFile(10), one)
    expect(Object.keys(one.transport.sent[0]?.headers ?? {}).sort()).toEqual([
      'Content-Type',
      'x-amz-checksum-sha256',
    ])
  })

  test('says so, and what to do, if the file is not what was digested', async () => {
    serve('direct-single')
    order('POST /uploads/:uploadId/complete', { kind: 'error', code: 'INVALID_CHECKSUM' })
    const sending = visit(rig()).uploader.uploadFile(newFile(10))
    await expect(sending).rejects.toMatchObject({
      name: 'FileChangedError',
      code: 'file-changed',
      message: expect.stringContaining('INVALID_CHECKSUM'),
    })
  })
})

describe('a key', () => {
  test.each(['with space', 'per%cent%2F', 'émoji-🎉/日本語', 'a+b&c=d?e#f', 'q\'uo"te(1)!*.bin'])(
    'arrives unchanged: %s',
    async (key) => {
      serve('direct-single')
      const fileKey = `keys/${key}`
      const { details } = await upload(newFile(10), visit(rig(), { fileKey }))
      expect(fragnoFile(details)?.fileKey).toBe(fileKey)
    },
  )

  test.each(['a/../b', './a', 'a//b', '/a', 'a/', '', 'new\nline', 'nul\0'])(
    'is refused if the server does not accept it: %j',
    async (fileKey) => {
      serve('direct-single')
      await expect(visit(rig(), { fileKey }).uploader.uploadFile(newFile(10))).rejects.toMatchObject({
        name: 'HttpError',
        status: 400,
        serviceCode: 'INVALID_FILE_KEY',
      })
    },
  )

  test('contains the path of a file in a folder', async () => {
    serve('direct-single')
    const file = newFile(10)
    Object.defineProperty(file, 'webkitRelativePath', { value: `folder/${file.name}` })
    const { key, checksums } = await upload(file)
    expect(key).toBe(`${checksums.sha256}/folder/${file.name}`)
  })
})

describe('the default key', () => {
  /** The name that macOS gives to the icon of a folder. */
  test('is accepted by the server, even for a name with control characters', async () => {
    serve('direct-single')
    const file = new File(['icon'], 'Icon\r')
    const { key, checksums, details } = await upload(file)
    expect(key).toBe(`${checksums.sha256}/Icon_`)
    expect(details).toMatchObject({ filename: 'Icon\r' })
  })
})

describe('the provider', () => {
  test('is refused if the server has another', async () => {
    serve('direct-single')
    await expect(visit(rig(), { provider: 'r2' }).uploader.uploadFile(newFile(10))).rejects.toMatchObject({
      status: 409,
      serviceCode: 'PROVIDER_MISMATCH',
    })
  })

  test.each(strategies)(
    'causes an error and no new session if it changes during an upload: %s',
    async (strategy) => {
      serve(strategy)
      const one = visit(rig())
      one.transport.interfere = async () => {
        rig().control.settings.change({ provider: 'r2' })
        return undefined
      }
      await expect(one.uploader.uploadFile(newFile(6 * mebibyte))).rejects.toThrow('PROVIDER_MISMATCH')
      expect(sessionsOf(one)).toBe(1)
    },
  )
})
