/**
 * Actions between two microtasks. The simulation acts only between two events of its timeline. This test acts at the
 * very moment when a run ends or an answer arrives.
 */
import { expect, test } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { HttpError, NetworkError, SessionLostError, type UploadError } from '../src/errors.ts'
import type { Upload } from '../src/upload.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, rig } from './fakes/uploader.ts'
import { Random } from './simulation/random.ts'

const deeds = ['pause', 'pause', 'gently', 'resume', 'resume', 'cancel', 'restart', 'stop', 'again'] as const
const narrow = ['pause', 'resume', 'resume', 'cancel'] as const
type Deed = (typeof deeds)[number]

function http(status: number): HttpError {
  return new HttpError({ endpoint: 'x', status, serviceCode: undefined, detail: '', retryAfter: undefined })
}

/** Tells whether an answer to complete is still to come. */
class CountingBackend extends FakeBackend {
  completing = 0

  override async complete(
    ...asked: Parameters<FakeBackend['complete']>
  ): ReturnType<FakeBackend['complete']> {
    this.completing += 1
    try {
      return await super.complete(...asked)
    } finally {
      this.completing -= 1
    }
  }

  /** Whether a stop may come too late. */
  get mayBeDone(): boolean {
    return this.completing + this.completed.length > 0
  }
}

class History {
  readonly lines: string[] = []
  readonly #random: Random
  readonly #browser = new FakeBrowser()
  readonly #checkpoints = memoryCheckpoints()
  readonly #backend = new CountingBackend()
  readonly #transport = new StoringTransport()
  readonly #tabs = [this.#rig(), this.#rig()]
  readonly #uploads: Upload[] = []
  readonly #ends: Promise<unknown>[] = []
  readonly #cancelled = new Set<Upload>()
  /** Everything happens during a call of complete that will fail. */
  readonly #isNarrow: boolean
  #hasStopped = false
  #release = (): void => {}

  #file = fileOf(0)

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#isNarrow = this.#random.chance(0.5)
  }

  /** @returns What went wrong. */
  async toTheEnd(): Promise<readonly string[]> {
    await this.#begin()
    const wrong: string[] = []
    for (let left = this.#random.between(1, 5); left > 0; left--) {
      await this.#moments()
      wrong.push(...(await this.#do(this.#random.pick(this.#isNarrow ? narrow : deeds), this.#one)))
    }
    this.#release()
    return [...wrong, ...(await this.#end())]
  }

  #rig() {
    return rig({
      backend: this.#backend,
      transport: this.#transport,
      checkpoints: this.#checkpoints,
      tabs: this.#browser.tab(),
      verify: 'none',
    })
  }

  async #begin(): Promise<void> {
    const random = this.#random
    if (this.#isNarrow) return this.#beginNarrowly()
    if (random.chance(0.3)) this.#backend.listed = []
    if (random.chance(0.3))
      this.#backend.statusIs(random.pick([{ state: 'open' }, { state: 'gone' }] as const))
    for (let left = random.between(0, 2); left > 0; left--) {
      const error = random.pick<UploadError>([
        new NetworkError('no'),
        http(503),
        http(400),
        new SessionLostError(http(404)),
      ])
      const verb = random.pick(['open', 'sign', 'complete', 'complete', 'abort'] as const)
      this.lines.push(`${verb} will fail: ${error.code}`)
      this.#backend.failNext(verb, error)
    }
    if (random.chance(0.6)) this.#release = this.#backend.holdNext('complete')
    const file = fileOf(random.pick([0, 1, 8]))
    this.#file = file
    for (const { uploader } of random.chance(0.3) ? this.#tabs : this.#tabs.slice(1))
      this.#uploads.push(uploader.uploadFile(file))
    if (random.chance(0.5)) await flush()
  }

  async #beginNarrowly(): Promise<void> {
    this.#release = this.#backend.holdNext('complete')
    this.#backend.failNext('complete', new NetworkError('no answer'))
    const [{ uploader } = this.#rig()] = this.#tabs
    this.#file = fileOf(1)
    this.#uploads.push(uploader.uploadFile(this.#file))
    await flush()
  }

  /** A few microtasks, and sometimes more. */
  async #moments(): Promise<void> {
    const random = this.#random
    if (random.chance(this.#isNarrow ? 0 : 0.3)) await flush()
    if (random.chance(0.4)) this.#release()
    for (let left = random.between(0, 25); left > 0; left--) await undefined
  }

  get #one(): Upload {
    const [first, ...others] = this.#uploads
    if (first === undefined) throw new Error('nothing was begun')
    return this.#random.pick([first, ...others])
  }

  /** @returns What went wrong at once. */
  async #do(deed: Deed, upload: Upload): Promise<readonly string[]> {
    this.lines.push(`${deed} of ${this.#uploads.indexOf(upload)}, which is ${upload.state.status}`)
    const { uploader, clock } = this.#tabs[1] ?? this.#rig()
    const isTooLate = this.#backend.mayBeDone || upload.state.status === 'done'
    if (deed === 'resume') upload.resume()
    if (deed === 'restart') upload.restart()
    if (deed === 'gently') upload.pause({ finishParts: true })
    if (deed === 'again') this.#uploads.push(uploader.uploadFile(this.#file))
    if (deed === 'stop') this.#ends.push(uploader.stop())
    if (deed === 'stop') this.#hasStopped = true
    if (deed === 'cancel') this.#ends.push(upload.cancel())
    if (deed === 'cancel' && !isTooLate) this.#cancelled.add(upload)
    if (deed !== 'pause') return []
    upload.pause()
    if (isTooLate || this.#uploads.length > 1 || this.#random.chance(0.5)) return []
    await clock.advance(1_000)
    return upload.state.status === 'uploading' ? ['a pause was lost'] : []
  }

  async #end(): Promise<readonly string[]> {
    const isOver = (): boolean => this.#uploads.every(({ state }) => /done|cancelled/.test(state.status))
    for (let round = 0; round < 30 && !isOver(); round++) {
      for (const { clock } of this.#tabs) await clock.advance(60_000)
      for (const upload of this.#uploads) if (upload.state.status === 'failed') upload.restart()
      for (const upload of this.#uploads) upload.resume()
      await flush()
    }
    for (const { clock } of this.#tabs) await clock.advance(600_000)
    const haveEnded = await Promise.race([
      Promise.all(this.#ends).then(() => true),
      flush().then(() => false),
    ])
    return [
      ...(isOver() ? [] : ['an upload does not end']),
      ...(haveEnded ? [] : ['a cancel does not end']),
      ...(await this.#remains()),
      ...(this.#uploads.some((one) => this.#cancelled.has(one) && one.state.status !== 'cancelled')
        ? ['a cancel was lost']
        : []),
    ]
  }

  async #remains(): Promise<readonly string[]> {
    const { owners, waiters, listeners } = this.#browser
    const sleeping = this.#tabs.reduce((sum, { clock }) => sum + clock.sleeping, 0)
    const uploads = this.#tabs.flatMap(({ uploader }) => uploader.uploads)
    const kept = (await this.#checkpoints.list()).map(({ checkpoint }) => String(Object(checkpoint).stage))
    // A stopped upload is kept to be resumed, and an abort that failed is kept to be sent later.
    const left = this.#hasStopped ? [] : kept.filter((stage) => stage !== 'aborting')
    const counts = { sleeping, uploads, owners, waiters, listeners, open: this.#transport.open, left }
    return Object.entries(counts)
      .filter(([, count]) => (typeof count === 'number' ? count : [...count].length) > 0)
      .map(([what]) => `there is still something: ${what}`)
  }
}

test('every request between two microtasks is carried out, and nothing is left behind', {
  timeout: 120_000,
}, async () => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const history = new History(seed)
    const wrong = await history.toTheEnd()
    if (wrong.length > 0) expect.fail(`seed ${seed}: ${wrong.join('; ')}\n${history.lines.join('\n')}`)
  }
})
