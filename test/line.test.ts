import { afterEach, describe, expect, test, vi } from 'vitest'
import { CorsError, NetworkError, StalledError } from '../src/errors.ts'
import { Line, type LineOptions } from '../src/line.ts'
import type { PartTarget, PartTransport } from '../src/ports.ts'
import { Pulse } from '../src/pulse.ts'
import { FakeClock, flush } from './fakes/clock.ts'
import { FakePartTransport, type PartRequest } from './fakes/part-transport.ts'

const never = new AbortController().signal

type Rig = { readonly line: Line; readonly clock: FakeClock; readonly transport: FakePartTransport }

function lineOf({ concurrency = 'auto', ...more }: Partial<LineOptions> = {}): Rig {
  const clock = new FakeClock()
  const transport = new FakePartTransport()
  const stall = { idle: 20_000, answer: 60_000 }
  const line = new Line({ concurrency, stall, clock, pulse: new Pulse(clock), transport, ...more })
  return { line, clock, transport }
}

function targetOf(number: number, more: Partial<PartTarget> = {}): PartTarget {
  const url = `https://storage.test/file?part=${number}`
  return { number, url, method: 'PUT', headers: {}, validFor: undefined, ...more }
}

const body = new Blob([new Uint8Array(1_000)])

/** Sends one part in its turn. */
function send({ line }: Rig, target: PartTarget, onProgress?: (sent: number) => void): Promise<unknown> {
  const call = onProgress === undefined ? { signal: never } : { signal: never, onProgress }
  return line.inTurn(never, 0, () => line.send(target, body, call))
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the width of the line', () => {
  test('is the given concurrency, if there is one', () => {
    const { line } = lineOf({ concurrency: 3 })
    line.trouble(false)
    line.acknowledged()
    expect([line.width, line.widest]).toEqual([3, 3])
  })

  test("stays at the given concurrency even if parts go to the page's own server", async () => {
    const one = lineOf({ concurrency: 6 })
    const sent = send(one, targetOf(1, { credentials: 'include' }))
    ;(await one.transport.next()).store()
    await sent
    expect(one.line.width).toBe(6)
  })

  test("is found by trial with 'auto', and may be at most one more than at the start", () => {
    const { line } = lineOf()
    expect([line.width, line.widest]).toEqual([5, 6])
  })

  /** As many requests as the line begins with. */
  function five(one: Rig, more: Partial<PartTarget> = {}): Promise<readonly PartRequest[]> {
    for (const number of [1, 2, 3, 4, 5]) void send(one, targetOf(number, more))
    return one.transport.take(5)
  }

  /** Sends five parts for a second, with bytes moving all the time. */
  async function busy(one: Rig, more: Partial<PartTarget> = {}): Promise<readonly PartRequest[]> {
    const requests = await five(one, more)
    for (let sent = 100; sent <= 600; sent += 100) {
      for (const request of requests) request.progress(sent)
      await one.clock.advance(200)
    }
    return requests
  }

  async function endAll(one: Rig): Promise<void> {
    for (const request of one.transport.open) request.store()
    await flush()
    expect(one.clock.sleeping).toBe(0)
  }

  test('grows while parts move, if the storage has its own origin', async () => {
    const one = lineOf()
    await busy(one)
    expect(one.line.width).toBe(6)
    await endAll(one)
  })

  test('grows if the page and the storage have different origins', async () => {
    vi.stubGlobal('location', { origin: 'https://app.test', href: 'https://app.test/page' })
    const one = lineOf()
    await busy(one)
    expect(one.line.width).toBe(6)
    await endAll(one)
  })

  test.each<[string, Partial<PartTarget>]>([
    ['at its address', { url: 'https://app.test/parts/1' }],
    ['at its address, as a path', { url: '/parts/1' }],
    ['with cookies', { credentials: 'include' }],
  ])('leaves a connection for other calls if parts go to the own server %s', async (_, more) => {
    vi.stubGlobal('location', { origin: 'https://app.test', href: 'https://app.test/page' })
    const one = lineOf()
    await busy(one, more)
    expect(one.line.width).toBe(5)
    await endAll(one)
  })

  test('leaves that connection free even if parts went to a storage before', async () => {
    vi.stubGlobal('location', { origin: 'https://app.test', href: 'https://app.test/page' })
    const one = lineOf()
    void send(one, targetOf(9))
    ;(await one.transport.next()).store()
    await flush()
    await busy(one, { url: 'https://app.test/parts/1' })
    expect(one.line.width).toBe(5)
    await endAll(one)
  })

  test('grows for a target without cookies if there is no page', async () => {
    const one = lineOf()
    await busy(one, { credentials: 'omit' })
    expect(one.line.width).toBe(6)
    await endAll(one)
  })

  test('grows after a round of acknowledged parts, sooner than after a second', async () => {
    const one = lineOf()
    for (const request of await five(one)) request.progress(500)
    await one.clock.advance(150)
    for (const request of one.transport.open) request.progress(900)
    await one.clock.advance(50)
    for (let part = 0; part < 5; part++) one.line.acknowledged()
    expect(one.line.width).toBe(6)
    await endAll(one)
  })

  test('does not count the time before the first byte has moved', async () => {
    const one = lineOf()
    const requests = await five(one)
    await one.clock.advance(5_000)
    for (const request of requests) request.progress(100)
    await one.clock.advance(100)
    expect(one.line.width).toBe(5)
    await endAll(one)
  })

  test('counts the bytes since the last beat together with the parts that they completed', async () => {
    const one = lineOf()
    const requests = await five(one)
    async function moved(sent: number, milliseconds: number): Promise<void> {
      for (const request of requests) request.progress(sent)
      await one.clock.advance(milliseconds)
    }
    function acknowledge(parts: number): void {
      for (let part = 0; part < parts; part++) one.line.acknowledged()
    }
    await one.clock.advance(50)
    await moved(500, 200)
    await moved(900, 0)
    // 4500 bytes within the 150 ms since the beat at 100 ms.
    acknowledge(5)
    expect(one.line.width).toBe(6)
    void send(one, targetOf(6))
    await moved(1_100, 200)
    await moved(1_700, 0)
    // 4000 bytes in the same time: the sixth part gained nothing.
    acknowledge(6)
    expect(one.line.width).toBe(5)
    await endAll(one)
  })

  test('is one less after trouble', () => {
    const { line } = lineOf()
    line.trouble(false)
    expect(line.width).toBe(4)
  })
})

describe('a request', () => {
  test('reports what has moved at the beat, once, and the rest at its end', async () => {
    const one = lineOf({ concurrency: 2 })
    const told: number[] = []
    const sent = send(one, targetOf(1), (bytes) => told.push(bytes))
    const request = await one.transport.next()
    request.progress(100)
    request.progress(200)
    expect(told).toEqual([])
    await one.clock.advance(100)
    expect(told).toEqual([200])
    await one.clock.advance(300)
    expect(told).toEqual([200])
    request.progress(900)
    request.store()
    await sent
    expect(told).toEqual([200, 900])
  })

  test('reports what has moved even if it fails', async () => {
    const one = lineOf({ concurrency: 2 })
    const told: number[] = []
    const sent = expect(send(one, targetOf(1), (bytes) => told.push(bytes))).rejects.toThrow(NetworkError)
    const request = await one.transport.next()
    request.progress(300)
    request.cut()
    await sent
    expect(told).toEqual([300])
    expect(one.clock.sleeping).toBe(0)
  })

  test('reports what has moved as long as it is out, even if others end meanwhile', async () => {
    const one = lineOf({ concurrency: 2 })
    const told: number[] = []
    const first = send(one, targetOf(1))
    const second = send(one, targetOf(2), (bytes) => told.push(bytes))
    const requests = await one.transport.take(2)
    requests[0]?.store()
    await first
    requests[1]?.progress(400)
    await one.clock.advance(100)
    expect(told).toEqual([400])
    requests[1]?.store()
    await second
    expect(one.clock.sleeping).toBe(0)
  })

  test('is reported even if others went before it, and leaves no timer running', async () => {
    const one = lineOf({ concurrency: 1 })
    for (const number of [1, 2]) {
      const told: number[] = []
      const sent = send(one, targetOf(number), (bytes) => told.push(bytes))
      const request = await one.transport.next()
      request.progress(400)
      await one.clock.advance(100)
      expect(told).toEqual([400])
      request.store()
      await sent
      expect(one.clock.sleeping).toBe(0)
    }
  })

  test('is not cut while it moves, and is cut when it no longer does', async () => {
    const one = lineOf({ concurrency: 1 })
    const cut = expect(send(one, targetOf(1))).rejects.toThrow(StalledError)
    const request = await one.transport.next()
    for (const sent of [100, 200, 300]) {
      request.progress(sent)
      await one.clock.advance(15_000)
    }
    expect(one.transport.open.size).toBe(1)
    // The movement is noticed at the beat.
    await one.clock.advance(5_100)
    await cut
    expect([one.transport.open.size, one.clock.sleeping]).toEqual([0, 0])
  })
})

describe('a failed part, at a storage that can be reached,', () => {
  // A missing CORS rule blocks the request after its preflight, before any byte leaves.
  test.each([
    [0, 'cors'],
    [500, 'network'],
    [1_000, 'cors'],
  ])('with %i of its 1,000 bytes sent, has failed by %s', async (sent, code) => {
    const transport = Object.assign(new FakePartTransport(), { reaches: async () => true })
    const one = lineOf({ transport })
    const failed = send({ ...one, transport }, targetOf(1)).catch(() => {})
    const request = await transport.next()
    request.progress(sent)
    request.cut()
    await failed
    const error = new NetworkError('cut')
    expect(await one.line.explain(error, targetOf(1).url, { signal: never })).toMatchObject({ code })
  })
})

describe('after a part that was sent completely and not answered', () => {
  async function unanswered(one: Rig, part: Blob = body): Promise<void> {
    const sent = one.line.send(targetOf(1), part, { signal: never }).catch((error: unknown) => error)
    ;(await one.transport.next()).progress(part.size)
    await one.clock.advance(300_000)
    expect(await sent).toBeInstanceOf(StalledError)
  }

  async function sendsBytes(one: Rig, part: Blob = body): Promise<ArrayBuffer | undefined> {
    const sent = one.line.send(targetOf(2), part, { signal: never })
    const request = await one.transport.next()
    expect(request.body).toBe(part)
    request.store()
    await sent
    return request.bytes
  }

  test('the next parts are sent from memory, since the cause may be that slices of files get no answer', async () => {
    const one = lineOf()
    expect(await sendsBytes(one)).toBeUndefined()
    await unanswered(one)
    expect(await sendsBytes(one)).toEqual(await body.arrayBuffer())
    expect(await sendsBytes(one)).toEqual(await body.arrayBuffer())
  })

  test('the next parts are no longer sent from memory if that was not answered either', async () => {
    const one = lineOf()
    await unanswered(one)
    await unanswered(one)
    expect(await sendsBytes(one)).toBeUndefined()
  })

  test('a part that is too large for memory, or cannot be read, is sent as a slice', async () => {
    const one = lineOf()
    await unanswered(one)
    const large = Object.assign(new Blob(), { arrayBuffer: vi.fn() })
    Object.defineProperty(large, 'size', { value: 32 * 1024 * 1024 + 1 })
    expect(await sendsBytes(one, large)).toBeUndefined()
    expect(large.arrayBuffer).not.toHaveBeenCalled()
    const gone = Object.assign(new Blob(['gone']), { arrayBuffer: () => Promise.reject(new Error('gone')) })
    expect(await sendsBytes(one, gone)).toBeUndefined()
    const cut = Object.assign(new Blob(['gone']), { arrayBuffer: async () => new ArrayBuffer(2) })
    expect(await sendsBytes(one, cut)).toBeUndefined()
  })

  test('a part that cannot be read in time is cut as stalled, and nothing more is read into memory', async () => {
    const one = lineOf()
    await unanswered(one)
    const endless = Object.assign(new Blob(['endless']), { arrayBuffer: () => new Promise(() => {}) })
    const sent = one.line.send(targetOf(3), endless, { signal: never }).catch((error: unknown) => error)
    await one.clock.advance(300_000)
    expect(await sent).toBeInstanceOf(StalledError)
    expect(one.transport.sent).toEqual([1])
    expect(await sendsBytes(one)).toBeUndefined()
  })

  test('a part that stalled before all its bytes were sent changes nothing', async () => {
    const one = lineOf()
    const sent = one.line.send(targetOf(1), body, { signal: never }).catch((error: unknown) => error)
    ;(await one.transport.next()).progress(1)
    await one.clock.advance(300_000)
    expect(await sent).toBeInstanceOf(StalledError)
    expect(await sendsBytes(one)).toBeUndefined()
  })
})

test('a request that has moved since the last beat is not cut', async () => {
  const one = lineOf({ concurrency: 1 })
  const sent = send(one, targetOf(1))
  const request = await one.transport.next()
  await one.clock.advance(19_950)
  request.progress(100)
  await one.clock.advance(1_000)
  request.store()
  await sent
})

test('a URL that is only a path is passed on to the transport if there is no page', async () => {
  const one = lineOf()
  const sent = send(one, targetOf(1, { url: '/parts/1' }))
  const request = await one.transport.next()
  expect(request.target.url).toBe('/parts/1')
  request.store()
  await sent
})

describe('the last error of a part', () => {
  const error = new NetworkError('no answer')
  const call = { signal: never }
  const url = 'https://storage.test/file?part=1'

  /** A line whose storage can be reached or not. `asked` holds the origins that were tried. */
  function reaching(isReached: boolean): Rig & { readonly asked: string[] } {
    const asked: string[] = []
    const transport = Object.assign(new FakePartTransport(), {
      reaches: async (origin: string) => {
        asked.push(origin)
        return isReached
      },
    })
    return { ...lineOf({ transport }), transport, asked }
  }

  test('is a CorsError if nothing was ever answered but the storage can be reached', async () => {
    const { line, asked } = reaching(true)
    const explained = await line.explain(error, url, call)
    expect(explained).toBeInstanceOf(CorsError)
    expect(explained).toMatchObject({
      cause: error,
      message: expect.stringContaining('https://storage.test'),
    })
    expect(asked).toEqual(['https://storage.test'])
  })

  test('is a CorsError even for a URL that is only a path: its origin is that of the page', async () => {
    vi.stubGlobal('location', { origin: 'https://app.test', href: 'https://app.test/page' })
    const { line, asked } = reaching(true)
    await line.explain(error, '/part/1', call)
    expect(asked).toEqual(['https://app.test'])
  })

  test('is kept as it is if the storage cannot be reached', async () => {
    expect(await reaching(false).line.explain(error, url, call)).toBe(error)
  })

  test('is kept as it is if the transport cannot tell whether the storage can be reached', async () => {
    const transport: PartTransport = { send: () => Promise.reject(error) }
    expect(await lineOf({ transport }).line.explain(error, url, call)).toBe(error)
  })

  test('is kept as it is if the storage has answered before, whatever the answer was', async () => {
    const one = reaching(true)
    const sent = send(one, targetOf(1))
    ;(await one.transport.next()).respond({ status: 500 })
    await sent
    expect(await one.line.explain(error, url, call)).toBe(error)
    expect(one.asked).toEqual([])
  })

  test('is a CorsError even after another request that was never answered', async () => {
    const one = reaching(true)
    const sent = expect(send(one, targetOf(1))).rejects.toThrow(NetworkError)
    ;(await one.transport.next()).cut()
    await sent
    expect(await one.line.explain(error, url, call)).toBeInstanceOf(CorsError)
  })

  test('is kept as it is if no request was made, or if the request stalled', async () => {
    const { line, asked } = reaching(true)
    const stalled = new StalledError('nothing moves any more')
    expect(await line.explain(error, '', call)).toBe(error)
    expect(await line.explain(stalled, url, call)).toBe(stalled)
    expect(asked).toEqual([])
  })
})
