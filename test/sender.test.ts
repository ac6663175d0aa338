import { describe, expect, test, vi } from 'vitest'
import {
  CorruptedError,
  CorsError,
  FileUnreadableError,
  HttpError,
  NetworkError,
  OfflineError,
  SessionLostError,
  UrlExpiredError,
} from '../src/errors.ts'
import { createLayout, missingParts } from '../src/layout.ts'
import { Line } from '../src/line.ts'
import type { Part, PartReceipt, PartTarget } from '../src/ports.ts'
import { Pulse } from '../src/pulse.ts'
import { defaultRetry, type RetryOptions, withBudget } from '../src/retry.ts'
import { type Sending, sendParts } from '../src/sender.ts'
import { Targets } from '../src/targets.ts'
import { FakeClock, flush } from './fakes/clock.ts'
import { FakeConnectivity } from './fakes/connectivity.ts'
import { FakePartTransport } from './fakes/part-transport.ts'
import { fileOf } from './fakes/uploader.ts'

type Options = Partial<Sending> & {
  readonly size?: number
  readonly width?: number
  readonly target?: Partial<PartTarget>
  readonly validFor?: number
  readonly attempts?: Partial<RetryOptions>
  readonly transport?: FakePartTransport
}

/** The parts of a file, 4 bytes each, and everything that is reported of them in order. */
function sendingOf({ size = 8, width = 2, target = {}, attempts = {}, ...more }: Options = {}) {
  const clock = new FakeClock()
  const transport = more.transport ?? new FakePartTransport()
  const connectivity = new FakeConnectivity()
  const pulse = new Pulse(clock)
  const stall = { idle: 20_000, answer: 60_000 }
  const line = new Line({ concurrency: width, stall, clock, pulse, transport })
  const options = { ...defaultRetry, ...attempts }
  const retry = withBudget({ options, clock, connectivity, random: () => 0.5 })
  const parts = missingParts(createLayout(size, 4), new Map())
  const signed: number[][] = []
  const sign = async (batch: readonly Part[]): Promise<readonly PartTarget[]> => {
    signed.push(batch.map(({ number }) => number))
    return batch.map(({ number }) => {
      const url = `https://storage.test/${number}?v=${signed.length}`
      return { number, url, method: 'PUT', headers: {}, validFor: more.validFor, ...target }
    })
  }
  const batch = { first: 1, most: 1 }
  const targets = new Targets({ parts, batch, ahead: 0, clock, isTroubled: () => false, sign })
  const stop = new AbortController()
  const kill = new AbortController()
  const told: string[] = []
  const receipts: PartReceipt[] = []
  const sending: Sending = {
    file: fileOf(size),
    parts,
    targets,
    retry,
    line,
    backend: {},
    digests: { dress: async (_, given) => given, confirm: async () => {} },
    stop: stop.signal,
    kill: kill.signal,
    on: {
      sending: ({ number }, sent) => told.push(`${number} sends ${sent}`),
      dropped: ({ number }) => told.push(`${number} dropped`),
      stored: async (receipt) => {
        receipts.push(receipt)
        told.push(`${receipt.number} stored`)
      },
      suspected: ({ code }) => told.push(`suspected: ${code}`),
    },
    ...more,
  }
  return { sending, clock, transport, connectivity, line, retry, stop, kill, told, receipts, signed }
}

type Started = ReturnType<typeof sendingOf> & { readonly outcome: Promise<unknown> }

/** Starts sending. The outcome is the rejection, or `done`. */
function start(options: Options = {}): Started {
  const made = sendingOf(options)
  const outcome = sendParts(made.sending).then(
    () => 'done',
    (error: unknown) => error,
  )
  return { ...made, outcome }
}

function expectNothingRunning({ clock, transport }: Started): void {
  expect([clock.sleeping, transport.open.size]).toEqual([0, 0])
}

/** Stops and cuts the sending. */
async function cut(one: Started): Promise<void> {
  one.stop.abort()
  one.kill.abort()
  await one.outcome
  expectNothingRunning(one)
}

const refusal = (code: string): string => `<Error><Code>${code}</Code><Message>x</Message></Error>`

describe('sending', () => {
  test('ends when all parts are stored, and reports what happens to each', async () => {
    const one = start({ width: 1 })
    const bytes = new Uint8Array(await one.sending.file.arrayBuffer())
    const first = await one.transport.next()
    expect(one.told).toEqual(['1 sends 0'])
    expect(new Uint8Array(await first.body.arrayBuffer())).toEqual(bytes.slice(0, 4))
    first.progress(3)
    await one.clock.advance(100)
    first.store()
    const second = await one.transport.next()
    expect(new Uint8Array(await second.body.arrayBuffer())).toEqual(bytes.slice(4))
    second.store()
    expect(await one.outcome).toBe('done')
    expect(one.told).toEqual(['1 sends 0', '1 sends 3', '1 stored', '2 sends 0', '2 stored'])
    expect(one.receipts).toStrictEqual([
      { number: 1, size: 4, etag: '"etag-1"' },
      { number: 2, size: 4, etag: '"etag-2"' },
    ])
    expectNothingRunning(one)
  })

  test('reports the suspected cause once, when the first part has failed three times', async () => {
    const one = start({ width: 2 })
    for (let failures = 1; failures <= 4; failures++) {
      for (const request of await one.transport.take(2)) request.cut()
      await flush()
      expect(one.told.filter((word) => word.startsWith('suspected'))).toEqual(
        failures < 3 ? [] : ['suspected: network'],
      )
      await one.clock.advance(2_000)
    }
    await cut(one)
  })

  test('suspects nothing if only parts other than the first have failed', async () => {
    const one = start({ width: 2 })
    ;(await one.transport.next()).store()
    for (let failures = 1; failures <= 4; failures++) {
      ;(await one.transport.next()).cut()
      await flush()
      await one.clock.advance(2_000)
    }
    expect(one.told.filter((word) => word.startsWith('suspected'))).toEqual([])
    await cut(one)
  })

  test('ends at once if there are no parts', async () => {
    expect(await start({ parts: [] }).outcome).toBe('done')
  })

  test('does not end before the receipts have been written', async () => {
    let written = (): void => {}
    const stored = (): Promise<void> =>
      new Promise((resolve) => {
        written = resolve
      })
    const { outcome, transport } = start({
      size: 4,
      on: { sending: () => {}, dropped: () => {}, stored, suspected: () => {} },
    })
    const over = vi.fn()
    void outcome.then(over)
    ;(await transport.next()).store()
    await flush()
    expect(over).not.toHaveBeenCalled()
    written()
    expect(await outcome).toBe('done')
  })

  test('begins nothing if it was stopped before, and rejects with the reason', async () => {
    const reason = new Error('stopped')
    const one = start({ stop: AbortSignal.abort(reason) })
    expect(await one.outcome).toBe(reason)
    expect([one.transport.sent, one.signed]).toEqual([[], []])
  })

  test('makes no new request once it is stopped, and lets open requests end', async () => {
    const one = start({ size: 40 })
    const requests = await one.transport.take(2)
    const reason = new Error('stopped')
    one.stop.abort(reason)
    await flush()
    expect(one.transport.open.size).toBe(2)
    for (const request of requests) request.store()
    expect(await one.outcome).toBe(reason)
    expect(one.transport.sent).toEqual([1, 2])
    expect(one.receipts.map(({ number }) => number)).toEqual([1, 2])
    expectNothingRunning(one)
  })

  test('makes no further attempt if it is stopped while waiting for one', async () => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).respond({ status: 500 })
    await flush()
    expect(one.clock.sleeping).toBe(1)
    const reason = new Error('stopped')
    one.stop.abort(reason)
    expect(await one.outcome).toBe(reason)
    expect(one.transport.sent).toEqual([1])
    expectNothingRunning(one)
  })

  test('is cut by kill', async () => {
    const one = start()
    await one.transport.take(2)
    const reason = new Error('killed')
    one.stop.abort(reason)
    one.kill.abort(reason)
    expect(await one.outcome).toBe(reason)
    expect(one.told.slice(2).sort()).toEqual(['1 dropped', '2 dropped'])
    expectNothingRunning(one)
  })

  test('leaves no listener on the signals of its run', async () => {
    const made = sendingOf({ size: 4 })
    let [added, left] = [0, 0]
    for (const signal of [made.stop.signal, made.kill.signal]) {
      const { addEventListener, removeEventListener } = signal
      signal.addEventListener = (...[type, ...rest]: unknown[]) => {
        added += type === 'abort' ? 1 : 0
        left += type === 'abort' ? 1 : 0
        Reflect.apply(addEventListener, signal, [type, ...rest])
      }
      signal.removeEventListener = (...[type, ...rest]: unknown[]) => {
        left -= type === 'abort' ? 1 : 0
        Reflect.apply(removeEventListener, signal, [type, ...rest])
      }
    }
    const sent = sendParts(made.sending)
    ;(await made.transport.next()).store()
    await sent
    expect(added).toBeGreaterThan(0)
    expect(left).toBe(0)
  })

  test('waits for open calls for targets after it has failed', async () => {
    const made = sendingOf({ width: 1, size: 8 })
    let answer = (): void => {}
    const settled = vi.fn(
      (): Promise<void> =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    made.sending.targets.settled = settled
    const over = vi.fn()
    const sent = sendParts(made.sending).catch(over)
    ;(await made.transport.next()).respond({ status: 400 })
    await flush()
    expect([settled.mock.calls.length, over.mock.calls.length]).toEqual([1, 0])
    answer()
    await sent
    expect(over).toHaveBeenCalledTimes(1)
  })
})

describe('the queue of parts', () => {
  test('holds twice as many parts as may be on their way, however many there are', async () => {
    const one = start({ size: 400 })
    await one.transport.take(2)
    await flush()
    expect(one.signed.flat()).toEqual([1, 2, 3, 4])
    await cut(one)
  })

  test('takes in others while a part waits for its next attempt', async () => {
    const one = start({ size: 400, width: 2, attempts: { baseDelay: 60_000, maxDelay: 60_000 } })
    ;(await one.transport.next()).respond({ status: 500 })
    await flush()
    expect(one.signed.flat()).toEqual([1, 2, 3, 4, 5])
    await cut(one)
  })

  test('takes in none for a part that has finished waiting', async () => {
    const one = start({ size: 400, width: 2, attempts: { baseDelay: 10, maxDelay: 10 } })
    const [first, second] = await one.transport.take(2)
    first?.respond({ status: 500 })
    await one.clock.advance(10)
    expect(one.signed.flat()).toEqual([1, 2, 3, 4, 5])
    second?.store()
    await flush()
    expect(one.signed.flat()).toEqual([1, 2, 3, 4, 5])
    await cut(one)
  })

  test('takes in none while the server seems to be down', async () => {
    const one = start({ size: 400, width: 2, attempts: { baseDelay: 60_000, maxDelay: 60_000 } })
    for (const request of await one.transport.take(2)) request.respond({ status: 500 })
    await flush()
    for (let more = 0; more < 20 && one.transport.open.size > 0; more++) {
      for (const request of one.transport.open) request.respond({ status: 500 })
      await flush()
    }
    // After as many failures in a row as the line is wide, only the parts already in the queue are sent.
    expect(one.transport.sent).toEqual([1, 2, 3, 4])
    one.stop.abort()
    await one.outcome
    expectNothingRunning(one)
  })

  test('takes in the next part as soon as a retried one is stored', async () => {
    const one = start({ size: 12, width: 1, attempts: { baseDelay: 10, maxDelay: 10 } })
    ;(await one.transport.next()).respond({ status: 500 })
    await one.clock.advance(10)
    for (let part = 0; part < 3; part++) {
      ;(await one.transport.next()).store()
      await flush()
    }
    expect(await one.outcome).toBe('done')
    expect(one.receipts.map(({ number }) => number).sort()).toEqual([1, 2, 3])
    expectNothingRunning(one)
  })
})

describe('a part that fails', () => {
  test('for good ends the sending: nothing new is sent, open requests may end, and the first failure is reported', async () => {
    const one = start({ size: 40 })
    const [first, second] = await one.transport.take(2)
    first?.respond({ status: 400, body: refusal('EntityTooLarge') })
    await flush()
    second?.respond({ status: 400, body: refusal('InvalidPart') })
    expect(await one.outcome).toMatchObject({ serviceCode: 'EntityTooLarge', endpoint: 'part 1' })
    expect(one.transport.sent).toEqual([1, 2])
    expectNothingRunning(one)
  })

  test('is dropped, and sent again after a wait, with the same target if the storage has answered', async () => {
    const one = start({ size: 4 })
    const first = await one.transport.next()
    first.respond({ status: 500 })
    await flush()
    expect([one.told, one.clock.sleeping]).toEqual([['1 sends 0', '1 dropped'], 1])
    await one.clock.advance(100)
    const second = await one.transport.next()
    expect(second.target.url).toBe(first.target.url)
    second.store()
    expect(await one.outcome).toBe('done')
    expect(one.retry.budget.inARow).toBe(0)
  })

  // Some proxies close requests that take too long. With fewer at once, each takes less time.
  test('makes the line narrower if all requests are cut in the middle', async () => {
    const one = start({ size: 8, width: 2, attempts: { baseDelay: 1 } })
    const trouble = vi.spyOn(one.line, 'trouble')
    const round = async (sent: number): Promise<void> => {
      for (const request of [await one.transport.next(), await one.transport.next()]) {
        request.progress(sent)
        request.cut()
      }
      await one.clock.advance(100)
    }
    // Either nothing was sent or everything was. Five cuts in a row may be chance, even with a width of two.
    for (const sent of [0, 4, 2]) await round(sent)
    expect(trouble.mock.calls).toEqual([[true]])
    await round(4)
    expect(trouble.mock.calls).toEqual([[true]])
    await round(2)
    expect(trouble.mock.calls).toHaveLength(3)
    await cut(one)
  })

  test('does not make the line narrower if one request gets through, nor if a pause cuts them', async () => {
    const lucky = start({ size: 24, width: 6, attempts: { baseDelay: 1 } })
    const chance = vi.spyOn(lucky.line, 'trouble')
    for (let round = 0; round < 2; round++) {
      const [first, ...others] = await Promise.all(
        Array.from({ length: 6 - round }, () => lucky.transport.next()),
      )
      for (const request of others) {
        request.progress(2)
        request.cut()
      }
      await flush()
      first?.store()
      await lucky.clock.advance(100)
    }
    expect(chance).not.toHaveBeenCalled()
    await cut(lucky)
    const paused = start({ size: 24, width: 6 })
    const none = vi.spyOn(paused.line, 'trouble')
    for (let part = 0; part < 6; part++) (await paused.transport.next()).progress(2)
    await cut(paused)
    expect(none).not.toHaveBeenCalled()
  })

  test('makes the line narrower only if the storage is busy or nothing moves', async () => {
    for (const [status, code, times] of [
      [503, 'SlowDown', 1],
      [429, '', 1],
      [500, '', 0],
      [403, '', 0],
    ] as const) {
      const one = start({ size: 4 })
      const trouble = vi.spyOn(one.line, 'trouble')
      ;(await one.transport.next()).respond({ status, body: refusal(code) })
      await one.clock.advance(1_000)
      ;(await one.transport.next()).store()
      await one.outcome
      expect([status, trouble.mock.calls.length]).toEqual([status, times])
    }
    const stalled = start({ size: 4 })
    const trouble = vi.spyOn(stalled.line, 'trouble')
    await stalled.transport.next()
    await stalled.clock.advance(21_000)
    expect(trouble).toHaveBeenCalledTimes(1)
    ;(await stalled.transport.next()).store()
    expect(await stalled.outcome).toBe('done')
  })

  test('counts for the width only once it is stored', async () => {
    const one = start({ size: 4 })
    const acknowledged = vi.spyOn(one.line, 'acknowledged')
    ;(await one.transport.next()).respond({ status: 500 })
    await one.clock.advance(1_000)
    expect(acknowledged).not.toHaveBeenCalled()
    ;(await one.transport.next()).store()
    await one.outcome
    expect(acknowledged).toHaveBeenCalledTimes(1)
  })

  test('without a network ends the sending, and costs no attempt', async () => {
    const one = start({ size: 4 })
    one.connectivity.online = false
    ;(await one.transport.next()).cut()
    expect(await one.outcome).toBeInstanceOf(OfflineError)
    expect(one.retry.budget.inARow).toBe(0)
  })

  test("for the last time ends with its error, or with the line's explanation of it", async () => {
    const cors = new CorsError('storage')
    const one = start({ size: 4, attempts: { attempts: 2 } })
    const explain = vi.spyOn(one.line, 'explain').mockResolvedValue(cors)
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    expect(explain).not.toHaveBeenCalled()
    ;(await one.transport.next()).cut()
    expect(await one.outcome).toBe(cors)
    expect(explain.mock.calls).toMatchObject([
      [{ code: 'network' }, 'https://storage.test/1?v=2', { signal: one.kill.signal }],
    ])
  })

  test('because it got no fresh target is not blamed on CORS, since nothing was sent', async () => {
    const transport = Object.assign(new FakePartTransport(), { reaches: async () => true })
    const made = sendingOf({ size: 4, transport, attempts: { attempts: 1 } })
    const { targets } = made.sending
    const error = new NetworkError('sign: no answer')
    const take = targets.take.bind(targets)
    vi.spyOn(targets, 'take').mockImplementationOnce(take).mockRejectedValueOnce(error)
    await expect(sendParts(made.sending)).rejects.toBe(error)
    expect(made.transport.sent).toEqual([])
  })

  test('is not explained if the user cut it', async () => {
    const one = start({ size: 4 })
    const explain = vi.spyOn(one.line, 'explain')
    await one.transport.next()
    const reason = new Error('stopped')
    one.stop.abort(reason)
    one.kill.abort(reason)
    expect(await one.outcome).toBe(reason)
    expect(explain).not.toHaveBeenCalled()
  })

  test('its digest check is dropped and sent again', async () => {
    const corrupted = new CorruptedError(1, 'a', 'b')
    const confirm = vi.fn(async () => {})
    confirm.mockRejectedValueOnce(corrupted)
    const one = start({ size: 4, digests: { dress: async (_, target) => target, confirm } })
    ;(await one.transport.next()).store()
    await one.clock.advance(1_000)
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
    expect(one.told).toEqual(['1 sends 0', '1 dropped', '1 sends 0', '1 stored'])
  })

  test('to get a target fails the sending at once, since that call has had its own retries', async () => {
    const made = sendingOf({ size: 4 })
    const bug = new Error('no target')
    made.sending.targets.take = () => Promise.reject(bug)
    await expect(sendParts(made.sending)).rejects.toBe(bug)
    expect([made.transport.sent, made.clock.sleeping]).toEqual([[], 0])
  })
})

describe('a file that cannot be read', () => {
  /** Answers every read of the file with `reads`, and records which places were read. */
  function fileThat(reads: () => Promise<ArrayBuffer>): { file: File; places: number[][] } {
    const file = fileOf(4)
    const places: number[][] = []
    file.slice = (from = 0, to = 0) => {
      const blob = new Blob([new Uint8Array(to - from)])
      blob.arrayBuffer = () => {
        places.push([from, to])
        return reads()
      }
      return blob
    }
    return { file, places }
  }

  test.each([
    ['is gone', () => Promise.reject(new DOMException('gone', 'NotReadableError'))],
    ['has become shorter', async () => new ArrayBuffer(0)],
  ])("because it %s is told from a network error by the part's last byte", async (_, reads) => {
    const { file, places } = fileThat(reads)
    const one = start({ file, size: 4 })
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    expect(await one.outcome).toBeInstanceOf(FileUnreadableError)
    expect(await one.outcome).toMatchObject({ message: expect.stringContaining('file.bin') })
    expect(places).toEqual([
      [3, 4],
      [3, 4],
    ])
  })

  test('only while its page is being left, as in WebKit, is sent once the page is shown again', async () => {
    const answers = [
      Promise.reject(new DOMException('left', 'NotReadableError')),
      Promise.resolve(new ArrayBuffer(1)),
    ]
    const { file, places } = fileThat(() => answers.shift() ?? Promise.reject(new Error('read too often')))
    const one = start({ file, size: 4 })
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    await one.clock.advance(1_000)
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
    expect(places).toHaveLength(2)
  })

  test('in one place of a part is told from a network error once that part has failed three times', async () => {
    const file = fileOf(4)
    const cause = new DOMException('a broken place', 'NotReadableError')
    const slice = file.slice.bind(file)
    file.slice = (from, to) => {
      const stream = (): ReadableStream => new ReadableStream({ start: (pipe) => pipe.error(cause) })
      return Object.assign(slice(from, to), { stream })
    }
    const one = start({ file, size: 4 })
    for (let attempt = 1; attempt <= 3; attempt++) {
      ;(await one.transport.next()).cut()
      await one.clock.advance(30_000)
    }
    expect(await one.outcome).toBeInstanceOf(FileUnreadableError)
    expect(await one.outcome).toMatchObject({ cause })
    expectNothingRunning(one)
  })

  test('because its disk does not answer does not prevent a stop', async () => {
    const { file } = fileThat(() => new Promise(() => {}))
    const one = start({ file, size: 4 })
    ;(await one.transport.next()).cut()
    await flush()
    const reason = new Error('paused')
    one.stop.abort(reason)
    expect(await one.outcome).toBe(reason)
    expectNothingRunning(one)
  })

  test('keeps the cause of the read error', async () => {
    const cause = new DOMException('gone', 'NotReadableError')
    const { file } = fileThat(() => Promise.reject(cause))
    const one = start({ file, size: 4 })
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    expect(await one.outcome).toMatchObject({ cause })
  })

  test('is not suspected if its last byte can be read, nor after an answer from the storage', async () => {
    const { file, places } = fileThat(async () => new ArrayBuffer(1))
    const one = start({ file, size: 4 })
    ;(await one.transport.next()).respond({ status: 500 })
    await one.clock.advance(1_000)
    expect(places).toEqual([])
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    expect(places).toEqual([[3, 4]])
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
  })

  test('is read at the last byte of the part, not of the file', async () => {
    const file = fileOf(12)
    const read = vi.spyOn(file, 'slice')
    const one = start({ file, size: 12, width: 3 })
    const requests = await one.transport.take(3)
    read.mockClear()
    requests[1]?.cut()
    await flush()
    expect(read.mock.calls).toEqual([[7, 8]])
    await one.clock.advance(1_000)
    requests[0]?.store()
    requests[2]?.store()
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
  })

  test('is not suspected if it is empty', async () => {
    const one = start({ size: 0 })
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
  })
})

test('a part that a proxy takes at once and passes on for 100 s is stored by its second attempt', async () => {
  const one = start({ size: 4 })
  ;(await one.transport.next()).progress(4)
  await one.clock.advance(60_200)
  const second = await one.transport.next()
  second.progress(4)
  await one.clock.advance(100_000)
  expect(one.transport.open.has(second)).toBe(true)
  second.store()
  expect(await one.outcome).toBe('done')
  expectNothingRunning(one)
})

describe('a refusal', () => {
  test.each([
    [401, ''],
    [403, ''],
    [400, 'ExpiredToken'],
    [400, 'RequestTimeTooSkewed'],
    [400, 'TokenExpired'],
    [400, 'ExpiredRequest'],
  ])('with %i %s fetches a fresh target, and costs no attempt and no time', async (status, code) => {
    const one = start({ size: 4, attempts: { attempts: 1, budget: 0 } })
    const first = await one.transport.next()
    first.respond({ status, body: refusal(code) })
    const second = await one.transport.next()
    expect([first.target.url, second.target.url]).toEqual([
      'https://storage.test/1?v=1',
      'https://storage.test/1?v=2',
    ])
    second.store()
    expect(await one.outcome).toBe('done')
  })

  test.each([400, 405, 409, 410, 501])('with %i is reported as it is', async (status) => {
    const one = start({ size: 4, attempts: { attempts: 1 } })
    ;(await one.transport.next()).respond({ status })
    expect(await one.outcome).toMatchObject({ code: 'http', status })
    expect(one.signed).toEqual([[1]])
  })

  test('with ExpiredToken counts as an expiry only with 400', async () => {
    const one = start({ size: 4, attempts: { attempts: 1 } })
    ;(await one.transport.next()).respond({ status: 409, body: refusal('ExpiredToken') })
    expect(await one.outcome).toMatchObject({ code: 'http', status: 409 })
  })

  test('with 404 means that the storage does not know the upload', async () => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).respond({ status: 404, body: refusal('NoSuchUpload') })
    expect(await one.outcome).toBeInstanceOf(SessionLostError)
    expect(await one.outcome).toMatchObject({ cause: { status: 404, serviceCode: 'NoSuchUpload' } })
  })

  test.each([199, 300, 304])('includes every status that is no success: %i', async (status) => {
    const one = start({ size: 4, attempts: { attempts: 1 } })
    ;(await one.transport.next()).respond({ status, headers: { etag: '"e"' } })
    expect(await one.outcome).toMatchObject({ status })
    expect(one.receipts).toEqual([])
  })

  test.each([200, 204, 299])('does not include a success: %i', async (status) => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).respond({ status, headers: { etag: '"e"' } })
    expect(await one.outcome).toBe('done')
  })

  test.each(['BadDigest', 'XAmzContentChecksumMismatch'])(
    'of bytes changed on the way is retried, and reported in the end: %s',
    async (serviceCode) => {
      const one = start({ size: 4, attempts: { attempts: 2 } })
      for (let attempt = 0; attempt < 2; attempt++) {
        ;(await one.transport.next()).respond({ status: 400, body: refusal(serviceCode) })
        await one.clock.advance(1_000)
      }
      expect(await one.outcome).toMatchObject({ status: 400, serviceCode, retryable: true })
      expect(one.transport.sent).toEqual([1, 1])
    },
  )

  // The body arrived incomplete, or (for a PUT with If-None-Match) the key is being deleted and S3 asks for a retry.
  test.each([
    [400, 'RequestTimeout'],
    [400, 'IncompleteBody'],
    [400, 'ClientDisconnect'],
    [409, 'OperationAborted'],
    [409, 'ConditionalRequestConflict'],
  ])('that may pass is retried: %i %s', async (status, code) => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).respond({ status, body: refusal(code) })
    await one.clock.advance(1_000)
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
  })

  test('is interpreted by the backend, if it can, from the refusal and its target', async () => {
    const judge = vi.fn(() => 'stored' as const)
    const one = start({ size: 4, backend: { judge } })
    const request = await one.transport.next()
    request.respond({ status: 409, body: refusal('Odd') })
    expect(await one.outcome).toBe('done')
    expect(one.receipts).toEqual([{ number: 1, size: 4, etag: '' }])
    expect(judge.mock.calls).toMatchObject([[{ status: 409, serviceCode: 'Odd' }, request.target]])
  })

  test('that the backend does not interpret means what it means for S3', async () => {
    const one = start({ size: 4, backend: { judge: () => undefined } })
    ;(await one.transport.next()).respond({ status: 404, body: refusal('NoSuchUpload') })
    expect(await one.outcome).toBeInstanceOf(SessionLostError)
  })

  test('of four targets in a row is an error, with the clock difference that the storage shows', async () => {
    const one = start({ size: 4 })
    const date = new Date(one.clock.date() + 3_600_000).toUTCString()
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(one.transport.sent).toHaveLength(attempt)
      ;(await one.transport.next()).respond({
        status: 403,
        headers: { date },
        body: refusal('SignatureDoesNotMatch'),
      })
    }
    const error = await one.outcome
    expect(error).toBeInstanceOf(UrlExpiredError)
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^part 1: .*: part 1 answered 403 \(SignatureDoesNotMatch.*\); this machine's clock is 3600 s behind the storage's$/,
      ),
      help: expect.stringMatching(/^Check the server's clock/),
      clockSkew: 3_600_000,
      cause: { status: 403 },
    })
    expect(one.transport.sent).toHaveLength(4)
  })

  test('of four targets without a date says nothing about the clock', async () => {
    const one = start({ size: 4 })
    for (let attempt = 0; attempt < 4; attempt++) (await one.transport.next()).respond({ status: 403 })
    expect(await one.outcome).toMatchObject({ code: 'url-expired', clockSkew: undefined })
  })

  test('with 401 of four targets comes from the application server, and is no expired URL', async () => {
    const one = start({ size: 4 })
    for (let attempt = 0; attempt < 4; attempt++) (await one.transport.next()).respond({ status: 401 })
    expect(await one.outcome).toBeInstanceOf(HttpError)
    expect(await one.outcome).toMatchObject({ code: 'unauthorized', status: 401 })
  })
})

describe('a target', () => {
  test('is requested again after a request without an answer, which may be how a page sees an expiry', async () => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).cut()
    await one.clock.advance(1_000)
    const second = await one.transport.next()
    expect(second.target.url).toBe('https://storage.test/1?v=2')
    second.store()
    expect(await one.outcome).toBe('done')
  })

  test('gets its digest before its part takes a place, so that reading takes none', async () => {
    const dressing: (() => void)[] = []
    const dress = async (_: Part, target: PartTarget): Promise<PartTarget> => {
      if (dressing.length < 2) await new Promise<void>((resolve) => dressing.push(resolve))
      return { ...target, headers: { 'content-md5': 'x' } }
    }
    const one = start({ width: 1, digests: { dress, confirm: async () => {} } })
    await flush()
    expect([dressing.length, one.told]).toEqual([2, []])
    for (const go of dressing) go()
    const request = await one.transport.next()
    expect(request.target.headers).toEqual({ 'content-md5': 'x' })
    request.store()
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
  })

  test.each([1, 2])(
    'that expired while its part was digested is replaced, and the new one gets its digest too (%i)',
    async (slow) => {
      const made = sendingOf({ size: 4, width: 1, validFor: 60_000 })
      let calls = 0
      const dress = async (_: Part, target: PartTarget): Promise<PartTarget> => {
        calls += 1
        if (calls === slow) made.clock.jump(61_000)
        return { ...target, headers: { 'content-md5': 'x' } }
      }
      const sent = sendParts({ ...made.sending, digests: { ...made.sending.digests, dress } })
      const request = await made.transport.next()
      expect([request.target.url, request.target.headers]).toEqual([
        'https://storage.test/1?v=2',
        { 'content-md5': 'x' },
      ])
      request.store()
      await sent
      expect(made.signed).toEqual([[1], [1]])
    },
  )

  test('that is valid gets its digest once before its part has a place and once after', async () => {
    const dress = vi.fn(async (_: Part, target: PartTarget) => ({ ...target }))
    const one = start({ size: 4, digests: { dress, confirm: async () => {} } })
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
    expect(dress).toHaveBeenCalledTimes(2)
  })

  test('that expires at once is signed again for the request, but only once', async () => {
    const one = start({ size: 4, validFor: 0 })
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
    expect(one.signed).toEqual([[1], [1]])
  })

  test('is dropped once its part is stored', async () => {
    const one = start({ size: 4 })
    const { target } = await one.transport.next()
    expect(one.sending.targets.isUsable(target)).toBe(true)
    for (const request of one.transport.open) request.store()
    expect(await one.outcome).toBe('done')
    expect(one.sending.targets.isUsable(target)).toBe(false)
  })

  test('that arrives after a stop is not used', async () => {
    const dressing: (() => void)[] = []
    const dress = async (_: Part, target: PartTarget): Promise<PartTarget> => {
      await new Promise<void>((resolve) => dressing.push(resolve))
      return target
    }
    const one = start({ size: 4, digests: { dress, confirm: async () => {} } })
    await flush()
    dressing[0]?.()
    await flush()
    expect(dressing).toHaveLength(2)
    const reason = new Error('stopped')
    one.stop.abort(reason)
    dressing[1]?.()
    expect(await one.outcome).toBe(reason)
    expect([one.transport.sent, one.told]).toEqual([[], []])
  })

  test('without an ETag but with a memo leaves a receipt with an empty ETag and the memo', async () => {
    const one = start({ size: 4, target: { needsEtag: false, memo: { id: 7 } } })
    ;(await one.transport.next()).respond({ status: 200 })
    expect(await one.outcome).toBe('done')
    expect(one.receipts).toEqual([{ number: 1, size: 4, etag: '', memo: { id: 7 } }])
  })

  // A compressing proxy makes an ETag weak (RFC 9110, 8.8.1). The storage knows its parts by the strong one
  // (minio/minio#6025).
  test.each([
    ['W/"e1"', '"e1"'],
    // Not a weak ETag.
    ['"W/e1"', '"W/e1"'],
    // A proxy that repeats the header makes two of it, which the browser joins. An ETag contains no space (8.8.3).
    ['"e1", "e1"', '"e1"'],
    ['W/"e1", W/"e1"', '"e1"'],
    ['e1, e1', 'e1'],
    ['"e,1"', '"e,1"'],
  ])(
    "whose ETag a proxy has weakened or repeated is stored under the storage's own ETag: %s",
    async (told, etag) => {
      const one = start({ size: 4 })
      ;(await one.transport.next()).respond({ status: 200, headers: { etag: told } })
      expect(await one.outcome).toBe('done')
      expect(one.receipts).toEqual([{ number: 1, size: 4, etag }])
    },
  )

  // A service worker's offline page, a sign-in or a captive portal answers with a 2xx, perhaps with an ETag of its
  // own.
  test.each([{ needsEtag: false }, { needsEtag: true }])(
    'that is answered with a page of HTML has not reached the storage, and is sent again: %o',
    async (target) => {
      const one = start({ size: 4, target })
      const page = { status: 200, headers: { etag: '"page"' }, body: '<!doctype html><title>Offline</title>' }
      ;(await one.transport.next()).respond(page)
      await flush()
      expect([one.told, one.receipts]).toEqual([['1 sends 0', '1 dropped'], []])
      await one.clock.advance(2_000)
      ;(await one.transport.next()).store()
      expect(await one.outcome).toBe('done')
      expect(one.receipts).toEqual([{ number: 1, size: 4, etag: '"etag-1"' }])
      const always = start({ size: 4, target, attempts: { attempts: 1 } })
      ;(await always.transport.next()).respond(page)
      expect(await always.outcome).toMatchObject({
        code: 'network',
        message: expect.stringContaining('page'),
      })
    },
  )

  test('that is answered with 201 and an HTML note, as Apache answers a PUT, is stored', async () => {
    const one = start({ size: 4, target: { needsEtag: false } })
    const body =
      '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>201 Created</title>'
    ;(await one.transport.next()).respond({ status: 201, body })
    expect(await one.outcome).toBe('done')
    expect(one.receipts).toEqual([{ number: 1, size: 4, etag: '' }])
  })

  test('that is answered with a 2xx and an error in its body is not stored', async () => {
    const denied = start({ size: 4, target: { needsEtag: false } })
    ;(await denied.transport.next()).respond({ status: 200, body: '{"success":false,"message":"quota"}' })
    expect(await denied.outcome).toMatchObject({ code: 'http', message: 'part 1 answered 200 (quota)' })
    const busy = start({ size: 4, target: { needsEtag: false } })
    ;(await busy.transport.next()).respond({ status: 200, body: refusal('InternalError') })
    await busy.clock.advance(2_000)
    ;(await busy.transport.next()).respond({ status: 200, body: '{"stored":true}' })
    expect(await busy.outcome).toBe('done')
    expect([denied.receipts, busy.receipts]).toEqual([[], [{ number: 1, size: 4, etag: '' }]])
  })

  test('whose answer lacks an ETag that others had was answered by something else, and is sent again', async () => {
    const one = start({ size: 8, width: 1 })
    ;(await one.transport.next()).store()
    ;(await one.transport.next()).respond({ status: 200 })
    await one.clock.advance(2_000)
    ;(await one.transport.next()).store()
    expect(await one.outcome).toBe('done')
    expect(one.transport.sent).toEqual([1, 2, 2])
  })

  test('whose answer shows no ETag fails at once if no other answer had one', async () => {
    const one = start({ size: 4 })
    ;(await one.transport.next()).respond({ status: 200 })
    expect(await one.outcome).toMatchObject({ code: 'etag-hidden' })
    expect([one.transport.sent, one.told]).toEqual([[1], ['1 sends 0', '1 dropped']])
  })
})

test('a network error is passed on as the transport reported it', async () => {
  const one = start({ size: 4, attempts: { attempts: 1 } })
  ;(await one.transport.next()).cut()
  expect(await one.outcome).toBeInstanceOf(NetworkError)
})
