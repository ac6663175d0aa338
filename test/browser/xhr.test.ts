import { md5 } from 'hash-wasm'
import { describe, expect, inject, test, vi } from 'vitest'
import { defineBackend } from '../../src/backends/define-backend.ts'
import { presignedTarget } from '../../src/backends/presigned-target.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import type { PartTarget } from '../../src/ports.ts'
import { xhrTransport } from '../../src/transport/xhr.ts'
import { Uploader } from '../../src/uploader.ts'
import { until } from '../until.ts'

const server = inject('server')
const never = new AbortController().signal

function target(path: string, headers: Record<string, string> = {}): PartTarget {
  return { number: 3, url: `${server}${path}`, method: 'PUT', headers, validFor: undefined }
}

function bytes(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251)
}

async function openRequests(): Promise<number> {
  return Number(await (await fetch(`${server}/open`)).text())
}

describe('xhrTransport', () => {
  test('sends exactly the bytes of the slice, and returns the ETag', async () => {
    const all = bytes(3_000_000)
    const slice = new Blob([all], { type: 'text/plain' }).slice(1_000_000, 2_500_000)
    const { status, headers } = await xhrTransport.send(target('/'), slice, { signal: never })
    expect(status).toBe(200)
    expect(headers['etag']).toBe(`"${await md5(all.subarray(1_000_000, 2_500_000))}"`)
  })

  test("sends the target's headers and none of its own, with a Content-Length and without a type", async () => {
    const { body } = await xhrTransport.send(target('/', { 'x-part': 'a' }), new Blob([bytes(10)]), {
      signal: never,
    })
    const { method, headers } = JSON.parse(body)
    expect(method).toBe('PUT')
    expect(headers).toMatchObject({ 'x-part': 'a', 'content-length': '10' })
    expect(headers).not.toHaveProperty('content-type')
    expect(headers).not.toHaveProperty('transfer-encoding')
    expect(headers).not.toHaveProperty('cookie')
    // The browser's own policy decides, whatever the page's address.
    expect(headers).toMatchObject({ origin: location.origin, referer: `${location.origin}/` })
  })

  test('sends the bytes that it is given in place of the slice, without a type, and reports what has left', async () => {
    const all = bytes(3_000_000)
    const seen: number[] = []
    const call = { signal: never, bytes: all.buffer, onProgress: (sent: number) => seen.push(sent) }
    const { headers } = await xhrTransport.send(target('/'), new Blob(['x'], { type: 'text/plain' }), call)
    expect(headers['etag']).toBe(`"${await md5(all)}"`)
    expect(seen.at(-1)).toBe(3_000_000)
    const { body } = await xhrTransport.send(target('/'), new Blob(['x']), {
      ...call,
      bytes: new ArrayBuffer(2),
    })
    expect(JSON.parse(body).headers).not.toHaveProperty('content-type')
    expect(JSON.parse(body).headers).toMatchObject({ 'content-length': '2' })
  })

  test('sends an empty part', async () => {
    const { status, headers } = await xhrTransport.send(target('/'), new Blob([]), { signal: never })
    expect([status, headers['etag']]).toEqual([200, '"d41d8cd98f00b204e9800998ecf8427e"'])
  })

  test('reports the bytes that have left, ascending, up to all of them', async () => {
    const seen: number[] = []
    await xhrTransport.send(target('/'), new Blob([bytes(8_000_000)]), {
      signal: never,
      onProgress: (sent) => seen.push(sent),
    })
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(8_000_000)
  })

  test.each([201, 204, 400, 403, 404, 503])(
    'returns any status as an answer, with its body: %i',
    async (status) => {
      const answer = await xhrTransport.send(target(`/status/${status}`), new Blob(['x']), { signal: never })
      expect(answer.status).toBe(status)
      expect(answer.headers['retry-after']).toBe('3')
      expect(answer.body.includes('"method":"PUT"')).toBe(status !== 204)
    },
  )

  test('returns only the headers that CORS exposes', async () => {
    const { headers } = await xhrTransport.send(target('/'), new Blob(['x']), { signal: never })
    expect(headers).not.toHaveProperty('x-hidden')
  })

  test('rejects with a NetworkError that names the part if the connection is cut', async () => {
    const sending = xhrTransport.send(target('/cut'), new Blob([bytes(5_000_000)]), { signal: never })
    await expect(sending).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('part 3:'),
    })
  })

  test('treats an `abort` event that nobody asked for, which Safari fires for a dropped connection, as a lost connection', async () => {
    const opened = vi.spyOn(XMLHttpRequest.prototype, 'open')
    const sending = xhrTransport.send(target('/hang'), new Blob(['x']), { signal: never })
    const request = opened.mock.contexts[0]
    opened.mockRestore()
    if (!(request instanceof XMLHttpRequest)) expect.fail('there is no request')
    request.abort()
    await expect(sending).rejects.toMatchObject({ code: 'network', retryable: true })
  })

  test('rejects with a NetworkError if there is no server', async () => {
    const nobody = { ...target('/'), url: 'http://127.0.0.1:9/' }
    await expect(xhrTransport.send(nobody, new Blob(['x']), { signal: never })).rejects.toMatchObject({
      code: 'network',
    })
  })

  describe('a redirect', () => {
    const body = new Blob([bytes(1000)])

    test.each([301, 302, 303, 307, 308])(
      'to another host is refused, although the browser follows it: %i',
      async (status) => {
        const sending = xhrTransport.send(target(`/redirect/${status}/localhost`), body, { signal: never })
        await expect(sending).rejects.toMatchObject({
          code: 'backend',
          retryable: false,
          message: expect.stringMatching(/^part 3: .*redirect to localhost:\d+/),
        })
      },
    )

    test("is not suspected if the page's <base> leads an address to another host", async () => {
      const base = document.head.appendChild(document.createElement('base'))
      base.href = server
      try {
        const sending = xhrTransport.send({ ...target(''), url: '/' }, body, { signal: never })
        await expect(sending).resolves.toMatchObject({ status: 200 })
      } finally {
        base.remove()
      }
    })

    test.each([307, 308])(
      'to the same host is followed, and the bytes are sent again: %i',
      async (status) => {
        const { headers } = await xhrTransport.send(target(`/redirect/${status}/127.0.0.1`), body, {
          signal: never,
        })
        expect(headers['etag']).toBe(`"${await md5(bytes(1000))}"`)
      },
    )
  })

  test('rejects with the reason at an abort, ends the request, and calls nothing back afterwards', async () => {
    const before = await openRequests()
    const controller = new AbortController()
    const onProgress = vi.fn()
    const sending = xhrTransport.send(target('/hang'), new Blob([bytes(2_000_000)]), {
      signal: controller.signal,
      onProgress,
    })
    await until(async () => expect(await openRequests()).toBe(before + 1))
    controller.abort('enough')
    await expect(sending).rejects.toBe('enough')
    const calls = onProgress.mock.calls.length
    await until(async () => expect(await openRequests()).toBe(before))
    expect(onProgress.mock.calls.length).toBe(calls)
  })

  test('sends nothing if the signal was aborted before', async () => {
    const sending = xhrTransport.send(target('/'), new Blob(['x']), { signal: AbortSignal.abort('no') })
    await expect(sending).rejects.toBe('no')
  })

  test('leaves no listener on a signal that lives longer', async () => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    await xhrTransport.send(target('/'), new Blob(['x']), { signal })
    await xhrTransport.send(target('/cut'), new Blob(['x']), { signal }).catch(() => {})
    expect(add.mock.calls.length).toBe(2)
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    )
  })
})

test('an upload succeeds in a browser that never reports the answer to a slice of a file, by sending the bytes from memory', async () => {
  const { send } = XMLHttpRequest.prototype
  const sent: string[] = []
  vi.spyOn(XMLHttpRequest.prototype, 'send').mockImplementation(function (this: XMLHttpRequest, body) {
    sent.push(Object.prototype.toString.call(body))
    // As reported about Safari 26: the answer has arrived, and the request never ends.
    if (body instanceof Blob)
      Object.assign(this, { onload: null, abort: () => this.onabort?.(new ProgressEvent('abort')) })
    send.call(this, body)
  })
  const backend = defineBackend<{ readonly id: string }>({
    name: 'silent',
    baseUrl: '/',
    open: async () => ({ session: { id: '1' }, partSize: 1_000 }),
    sign: async (_, parts) => parts.map(({ number }) => presignedTarget(number, `${server}/?${number}`)),
    complete: async () => ({ key: 'k' }),
  })
  const stall = { idle: 500, answer: 500 }
  const uploader = new Uploader({ backend, stall, concurrency: 2, checkpoints: memoryCheckpoints() })
  expect(await uploader.uploadFile(new File([bytes(3_500)], 'a.bin'))).toMatchObject({ key: 'k' })
  expect(sent.filter((kind) => kind === '[object ArrayBuffer]')).toHaveLength(4)
  expect(sent[0]).toBe('[object Blob]')
  vi.restoreAllMocks()
})
