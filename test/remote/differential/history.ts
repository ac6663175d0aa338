/** A user's deeds, determined by the seed alone, and what is visible of them. */
import { getEventListeners } from 'node:events'
import type { UploadFilesOptions } from '../../../src/batch.ts'
import type { Upload, UploadLike } from '../../../src/upload.ts'
import type { InterruptedUpload, UploadFileOptions } from '../../../src/uploader.ts'
import { Random } from '../../simulation/random.ts'
import { fileAt, inWords, listenTo, type Place, type Settings, stateInWords, World } from './world.ts'

/** A deed, done to a world. `which` chooses among the uploads that exist by then. */
type Deed = (user: User) => void | Promise<void>

const albums = [undefined, { album: '1' }, { album: '2', tags: ['a', 'b'] }] as const

/** The rest of a history: its user, who saw all of it. */
export type Life = Pick<User, 'world' | 'course' | 'uploads' | 'hasAborted'>

/** A user of the page, with every upload and list that they hold. */
class User {
  readonly world: World
  readonly course: Course
  readonly uploads: UploadLike[] = []
  readonly signals: AbortController[] = []
  readonly left: InterruptedUpload<UploadLike>[] = []
  readonly others: Upload[] = []
  readonly undo = new Map<string, () => void>()
  /** An upload was begun with an aborted signal. The worker never hears of it, so the totals leave it out. */
  hasAborted = false
  #asked = 0

  constructor(world: World, course: Course) {
    this.world = world
    this.course = course
    world.subject.on('upload', (upload) => {
      this.note('uploads', `begun ${this.nameOf(upload)}`)
    })
    world.subject.on('progress', ({ confirmed, inFlight, total, files }) =>
      this.note('totals', `${confirmed}+${inFlight} of ${total} ${JSON.stringify(files)}`),
    )
  }

  note(channel: string, entry: string): void {
    this.world.note(channel, entry)
  }

  /** Watches it, unless it is watched already. */
  nameOf(upload: UploadLike): string {
    const known = this.uploads.indexOf(upload)
    if (known >= 0) return `u${known + 1}`
    this.uploads.push(upload)
    const name = `u${this.uploads.length}`
    this.listen(upload, name)
    this.wait(upload, `${name} from its beginning`)
    return name
  }

  listen(upload: UploadLike, channel: string): () => void {
    const { clock } = this.world
    return listenTo(upload, (event) => this.note(channel, `${clock.now()} ${event}`))
  }

  /** Records how a promise ends, and when. */
  wait(promise: PromiseLike<unknown>, what: string): void {
    this.#asked += 1
    const channel = `asked ${this.#asked} ${what}`
    this.note(channel, 'open')
    const { clock } = this.world
    promise.then(
      (value) => this.note(channel, `${clock.now()} ${JSON.stringify(value) ?? 'nothing'}`),
      (error) => this.note(channel, `${clock.now()} not: ${inWords(error)}`),
    )
  }

  /** Records an error that is thrown at once. */
  attempt<T>(what: string, work: () => T): T | undefined {
    try {
      const value = work()
      this.note('deeds', `${this.world.clock.now()} ${what}`)
      return value
    } catch (error) {
      this.note('deeds', `${this.world.clock.now()} ${what} throws ${inWords(error)}`)
      return undefined
    }
  }

  on(which: number, what: string, work: (upload: UploadLike) => unknown): void {
    const upload = this.uploads[which % Math.max(1, this.uploads.length)]
    if (upload !== undefined) this.attempt(`${what} ${this.nameOf(upload)}`, () => work(upload))
  }

  look(): void {
    const { subject, clock } = this.world
    const { uploads } = subject
    this.note('looks', `${clock.now()} under way: ${uploads.map((one) => this.nameOf(one)).join()}`)
    for (const upload of this.uploads)
      this.note(
        'looks',
        `${this.nameOf(upload)} ${stateInWords(upload)} ${upload.persistence} ${upload.parts().map(({ status }) => status)}`,
      )
  }
}

/** How often each deed is done, before the course's preferences. */
const deeds: readonly (readonly [weight: number, draw: (random: Random) => Deed])[] = [
  [24, uploadFile],
  [4, uploadFiles],
  [8, pause],
  [12, (random) => on(random, 'resume', (upload) => upload.resume())],
  [5, resumeWith],
  [4, (random) => on(random, 'restart', (upload) => upload.restart())],
  [8, cancel],
  [8, (random) => on(random, 'await', (upload, user) => user.wait(upload, `await ${user.nameOf(upload)}`))],
  [3, abort],
  [2, stop],
  [6, () => interrupted],
  [8, leftOf],
  [2, listener],
  [4, permission],
  [3, online],
  [1, () => diagnose],
  [6, otherTab],
]

/** Each course prefers some deeds. If every course did all deeds equally often, few would ever meet. */
function likings(random: Random): readonly number[] {
  return deeds.map(([weight]) => weight * random.pick([0, 0.5, 1, 1, 4]))
}

/** A deed of the seed. All choices are made here, so that they are the same in every world. */
function deedOf(random: Random, weights: readonly number[]): Deed {
  let roll = random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  const chosen = deeds.find((_, index) => {
    roll -= weights[index] ?? 0
    return roll < 0
  })
  return (chosen?.[1] ?? uploadFile)(random)
}

function on(random: Random, what: string, work: (upload: UploadLike, user: User) => unknown): Deed {
  const which = random.between(0, 1000)
  return (user) => user.on(which, what, (upload) => work(upload, user))
}

function pause(random: Random): Deed {
  const finishParts = random.chance(0.4)
  return on(random, 'pause', (upload) => upload.pause({ finishParts }))
}

function cancel(random: Random): Deed {
  const reason = random.pick([undefined, 'enough', { why: 7 }])
  return on(random, 'cancel', (upload, user) => {
    user.wait(upload.cancel(reason), `cancel ${user.nameOf(upload)}`)
    user.wait(upload, `await ${user.nameOf(upload)} when it was cancelled`)
  })
}

function abort(random: Random): Deed {
  const which = random.between(0, 1000)
  return ({ signals }) => signals[which % Math.max(1, signals.length)]?.abort(`signal ${which}`)
}

function stop(random: Random): Deed {
  const again = random.chance(0.5) ? uploadFile(random) : () => {}
  return async (user) => {
    // A worker that stop() ends does not answer pending calls.
    await user.world.rest()
    user.attempt('stop', () => user.wait(user.world.subject.stop(), 'stop'))
    for (const upload of user.uploads) user.wait(upload, `await ${user.nameOf(upload)} when all were stopped`)
    await again(user)
    // Its reason is the worker's, which the page does not know yet.
    await user.world.rest()
  }
}

const diagnose: Deed = (user) => {
  if (!user.course.isMaker) user.wait(user.world.subject.diagnose(), 'diagnose')
}

function permission(random: Random): Deed {
  const said = random.pick<World['permission']>(['granted', 'denied', 'ask'])
  const isNow = random.chance(0.5)
  return ({ world, course }) => {
    if (!course.isAsking) return
    if (isNow && said !== 'ask') world.answer(said)
    else world.permission = said
  }
}

function online(random: Random): Deed {
  const isOnline = random.chance(0.6)
  return ({ world }) => world.connectivity.change(isOnline)
}

function uploadFile(random: Random): Deed {
  const which = random.between(0, 4)
  const params = random.pick(albums)
  const withSignal = random.chance(0.3)
  const isAborted = random.chance(0.1)
  const withHandle = random.chance(0.5)
  const extra: UploadFileOptions = random.pick([
    {},
    {},
    {},
    {},
    { maxSize: 10 },
    { accept: '.txt' },
    { name: 'called.bin' },
    { relativePath: 'a/b.bin' },
    { params: 7 as never },
  ])
  return (user) =>
    user.attempt('uploadFile', () => {
      const file = fileAt(which)
      const control = new AbortController()
      if (withSignal) user.signals.push(control)
      if (isAborted) {
        control.abort('early')
        user.hasAborted = true
      }
      const options: UploadFileOptions = {
        params,
        ...(withSignal && { signal: control.signal }),
        ...(withHandle && { handle: user.world.handleOf(file) }),
        ...extra,
      }
      const upload = user.world.subject.uploadFile(file, options)
      user.note('deeds', user.nameOf(upload))
      user.wait(upload, `await ${user.nameOf(upload)} as it was begun`)
    })
}

function uploadFiles(random: Random): Deed {
  const some = random.some([0, 1, 2, 3, 4])
  const options = random.pick<UploadFilesOptions>([
    {},
    { maxFiles: 2 },
    { accept: '.bin', maxSize: 20 },
    { maxFiles: -1 },
  ])
  const isOdd = random.chance(0.05)
  return (user) =>
    user.attempt('uploadFiles', () => {
      const files: File[] = some.map(fileAt)
      const batch = user.world.subject.uploadFiles(isOdd ? [...files, 7 as never] : files, options)
      const named = (uploads: readonly UploadLike[]): string => uploads.map((one) => user.nameOf(one)).join()
      user.wait(batch.then(named), 'batch')
      user.wait(
        batch.refused().then((list) => list.map(({ name, error }) => `${name} ${inWords(error)}`)),
        'refused',
      )
      user.wait(
        batch.settled().then(({ outcomes, ...counts }) => ({
          ...counts,
          outcomes: outcomes.map(({ status, name, ...rest }) => {
            const { error, reason, result } = rest as { error?: unknown; reason?: unknown; result?: unknown }
            return [status, name, inWords(error ?? reason ?? result)]
          }),
        })),
        'settled',
      )
    })
}

function resumeWith(random: Random): Deed {
  const which = random.between(0, 1000)
  const isWrong = random.chance(0.3)
  const withHandle = random.chance(0.3)
  return (user) =>
    user.on(which, 'resume with a file', (upload) => {
      const { size, ownName, name, lastModified } = upload.identity
      const found = [0, 1, 2, 3, 4].map(fileAt).find((one) => one.name === (ownName ?? name))
      const file = isWrong ? new File(['?'], name, { lastModified: lastModified + size }) : found
      upload.resume(file, withHandle && found ? user.world.handleOf(found) : undefined)
    })
}

const interrupted: Deed = (user) => {
  user.wait(
    user.world.subject.interrupted().then((uploads) => {
      user.left.push(...uploads)
      return uploads.map(({ identity, params, confirmed, startedAt, needsFile, handle }) => [
        identity,
        params,
        confirmed,
        startedAt,
        needsFile,
        handle?.name,
      ])
    }),
    'interrupted',
  )
}

function leftOf(random: Random): Deed {
  const which = random.between(0, 1000)
  const what = random.pick([
    'resume',
    'resume',
    'resume with a file',
    'resume with a file',
    'forget',
    'cancel',
  ])
  const withSignal = random.chance(0.2)
  return async (user) => {
    // Until the file is there, the worker does not know about the upload.
    await user.world.rest()
    const left = user.left[which % Math.max(1, user.left.length)]
    // In a worker, an upload whose user is being asked does not block it.
    if (left === undefined || (what === 'forget' && user.course.isAsking)) return
    user.attempt(`${what} of what was left`, () => {
      if (what === 'forget') return user.wait(left.forget(), 'forget')
      if (what === 'cancel') return user.wait(left.cancel(), 'cancel of what was left')
      const { ownName, name } = left.identity
      const file = [0, 1, 2, 3, 4].map(fileAt).find((one) => one.name === (ownName ?? name))
      const control = new AbortController()
      if (withSignal) user.signals.push(control)
      const upload = left.resume(
        what === 'resume' ? undefined : file,
        withSignal ? { signal: control.signal } : {},
      )
      user.note('deeds', user.nameOf(upload))
      return user.wait(upload, `await ${user.nameOf(upload)} as it was resumed`)
    })
    await user.world.rest()
  }
}

function listener(random: Random): Deed {
  const which = random.between(0, 1000)
  const isOn = random.chance(0.6)
  return async (user) => {
    // Events of a moment later reach whoever listens by then.
    await user.world.rest()
    user.on(which, isOn ? 'listen' : 'listen no more', (upload) => {
      const channel = `another listener of ${user.nameOf(upload)}`
      user.undo.get(channel)?.()
      user.undo.delete(channel)
      if (isOn) user.undo.set(channel, user.listen(upload, channel))
    })
  }
}

function otherTab(random: Random): Deed {
  const which = random.between(0, 1000)
  const what = random.pick(['begin', 'begin', 'pause', 'resume', 'cancel', 'stop'])
  const params = random.pick(albums)
  return ({ world, others }) => {
    if (what === 'stop') return void world.other.stop()
    if (what === 'begin') {
      const begun = world.other.uploadFile(fileAt(which), { params })
      if (!others.includes(begun)) others.push(begun)
      return
    }
    const upload = others[which % Math.max(1, others.length)]
    if (what === 'cancel') void upload?.cancel('by the other tab')
    else upload?.[what as 'pause']()
  }
}

export type Course = Settings & {
  /** The number of deeds. */
  readonly deeds: number
}

export function courseOf(seed: number): Course {
  const random = new Random(seed)
  const isAsking = random.chance(0.2)
  return {
    seed,
    isAsking,
    faults: isAsking ? 0 : random.pick([0, 0.1, 0.3]),
    isMaker: random.chance(0.3),
    digests: random.chance(0.3),
    deeds: random.between(4, isAsking ? 12 : 30),
  }
}

/** The same seed in the same place gives the same history. */
export async function live(place: Place, course: Course): Promise<Life> {
  const world = new World(place, course)
  const user = new User(world, course)
  const random = new Random(course.seed + 1)
  const weights = likings(random)
  if (random.chance(0.5)) await leaveSome(user, random)
  for (let done = 0; done < course.deeds; done += 1) {
    // Some happen in one turn, some with only promises between them, some with time.
    await deedOf(random, weights)(user)
    if (random.chance(0.25)) continue
    await world.rest()
    user.look()
    if (random.chance(0.7)) await world.pass(random.pick([5, 50, 100, 400, 2_000]))
    user.look()
  }
  await world.rest()
  await bringToEnd(user)
  return user
}

/** An upload left by an earlier visit. */
async function leaveSome(user: User, random: Random): Promise<void> {
  const { world } = user
  for (const which of random.some([1, 2, 3, 4])) {
    const handle = random.chance(0.7) ? world.handleOf(fileAt(which)) : undefined
    world.other.uploadFile(fileAt(which), { params: random.pick(albums), handle })
  }
  await world.pass(random.between(50, 400))
  void world.other.stop()
  await world.pass(1_000)
  const permission = random.pick<World['permission']>(['granted', 'denied', 'ask', 'ask'])
  if (user.course.isAsking) world.permission = permission
  await interrupted(user)
  await world.rest()
}

/** Nothing fails any more, and everything that waits for somebody goes on. */
async function bringToEnd(user: User): Promise<void> {
  const { world } = user
  world.fates.isCalm = true
  world.permission = 'granted'
  world.answer('granted')
  world.connectivity.change(true)
  await world.pass(2_000)
  void world.other.stop()
  await world.pass(1_000)
  await world.pass(60_000)
  user.look()
  for (const upload of world.subject.uploads)
    user.attempt(`resume ${user.nameOf(upload)}`, () => {
      const { ownName, name } = upload.identity
      upload.resume([0, 1, 2, 3, 4].map(fileAt).find((one) => one.name === (ownName ?? name)))
    })
  await world.pass(120_000)
  user.look()
  for (const upload of user.uploads) {
    const { confirmed, inFlight, total } = upload.progress
    user.note('ends', `${user.nameOf(upload)} ${stateInWords(upload)} ${confirmed}+${inFlight} of ${total}`)
  }
  interrupted(user)
  await world.rest()
  await world.pass(100)
  user.note(
    'ends',
    `signals heard: ${user.signals.map(({ signal }) => getEventListeners(signal, 'abort').length)}`,
  )
  user.attempt('stop', () => user.wait(world.subject.stop(), 'stop'))
  await world.pass(10_000)
  user.look()
  user.note('ends', `asleep: ${world.clock.sleeping}`)
}
