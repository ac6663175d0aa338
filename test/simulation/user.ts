import { UnsureError, UploadError } from '../../src/errors.ts'
import { isUnderWay } from '../../src/state.ts'
import type { InterruptedUpload } from '../../src/uploader.ts'
import { Deeds, mostPages } from './deeds.ts'
import type { SimulatedFile, Source } from './file.ts'
import type { UserUpload } from './user-upload.ts'
import type { Visit, World } from './world.ts'

/** How often an upload may fail after faults have stopped, because calls under way may still go wrong. */
const mostCalmFailures = 3

/** Milliseconds between two checks of a user who waits for the end. */
const patience = 2_000

/** The user, who first interferes, and then waits until every upload has ended. */
export class User {
  readonly #world: World
  readonly #deeds: Deeds
  /** Files whose uploads have not ended yet, as far as the user knows. */
  readonly #due = new Set<Source>()
  #done = 0
  /** The number of interrupted uploads that the user has not decided about yet. */
  #pondered = 0

  constructor(world: World) {
    this.#world = world
    this.#deeds = new Deeds(world, this)
  }

  begin(): void {
    const { sources, plan } = this.#world
    this.#arrive(this.#world.visit(), sources)
    if (plan.startsTwice) this.#arrive(this.#world.visit(), sources)
    this.#next()
  }

  /** Everything that was begun has ended. */
  get isContent(): boolean {
    const { open } = this.#world
    return (
      this.#due.size === 0 &&
      this.#pondered === 0 &&
      open.every(({ uploads }) => uploads.every(({ isOver }) => isOver))
    )
  }

  /** A new page, for everything that has not ended yet. */
  comeAgain(): void {
    this.#arrive(this.#world.visit(), [...this.#due])
  }

  pick(visit: Visit, source: Source): void {
    this.#give(visit, source, (file, signal) => visit.uploader.uploadFile(file, { signal }))
  }

  /**
   * The upload's own file, as when it is passed twice, or one that looks the same, which is refused while that is under
   * way.
   */
  #give(
    visit: Visit,
    source: Source,
    begin: (file: SimulatedFile, signal: AbortSignal) => UserUpload['upload'],
  ): void {
    const { random, history, referee } = this.#world
    const shown = visit.uploads.findLast((one) => one.source === source && !one.isOver)
    const file = shown !== undefined && random.chance(0.5) ? shown.file : source.pick()
    const isOther = shown !== undefined && isUnderWay(shown.upload.state) && shown.file !== file
    const abort = new AbortController()
    history.note('user', `picks ${source.name}, version ${file.version}`)
    try {
      const upload = begin(file, abort.signal)
      if (isOther && upload === shown.upload)
        referee.violate('content', `${shown.name} is taken for that of another file`)
      this.#show(visit, upload, file, abort)
    } catch (error) {
      if (!isOther || !(error instanceof UploadError) || error.code !== 'in-use') throw error
      history.count('user', 'is told that another file is under way')
    }
  }

  #next(): void {
    const { isCalm, plan, random, timeline } = this.#world
    timeline.after(isCalm ? patience : random.between(1, 2 * plan.deedEvery), () => {
      if (isCalm) this.#tend()
      else this.#act()
      if (!this.#world.isCalm || !this.isContent) this.#next()
    })
  }

  /** One more deed, or faults stop. */
  #act(): void {
    const { plan, random } = this.#world
    this.#done += 1
    if (this.#done > plan.deedCount || (this.isContent && random.chance(0.5))) this.#world.calm()
    else this.#meddle()
  }

  #meddle(): void {
    const { plan, random, open, visits } = this.#world
    const [first, ...others] = open
    if (first === undefined && visits.length < mostPages) this.comeAgain()
    if (first === undefined && visits.length < mostPages && plan.startsTwice) this.comeAgain()
    if (first === undefined) return
    const visit = random.pick([first, ...others])
    const [one, ...more] = visit.uploads.filter(({ isOver }) => !isOver)
    const shown = one && random.pick([one, ...more])
    const [deed, ...deeds] = plan.deeds
    if (random.chance(shown === undefined ? 0.2 : 0.3)) this.#goOn(visit, shown)
    else if (deed !== undefined) this.#deeds.do(random.pick([deed, ...deeds]), visit, shown)
  }

  /** The deeds of users who only want their file to arrive. */
  #goOn(visit: Visit, shown: UserUpload | undefined): void {
    if (shown !== undefined) this.#help(shown)
    else for (const source of this.#world.sources) this.pick(visit, source)
  }

  /** On a new page most users pick their files again, and some look at the interrupted uploads. */
  #arrive(visit: Visit, sources: readonly Source[]): void {
    const { random, isCalm, history } = this.#world
    history.note('user', `opens ${visit.page.name}`)
    history.count('user', 'opens a page')
    if (random.chance(isCalm ? 0 : 0.3)) this.#lookAtWhatIsLeft(visit)
    else for (const source of sources) this.pick(visit, source)
  }

  #show(visit: Visit, upload: UserUpload['upload'], file: SimulatedFile, abort: AbortController): void {
    this.#due.add(file.source)
    const shown = this.#world.watch(visit, upload, file, abort)
    shown.resumed(file)
    shown.onOver = () => this.#ended(file.source)
  }

  /** Unless the user has picked it again meanwhile. */
  #ended(source: Source): void {
    const all = this.#world.open.flatMap(({ uploads }) => uploads)
    if (!all.some((one) => one.source === source && !one.isOver)) this.#due.delete(source)
  }

  #lookAtWhatIsLeft(visit: Visit): void {
    const decided = visit.uploader.interrupted().then((left) => {
      for (const one of left) this.#ponder(visit, one)
    })
    visit.page.keepBusy(decided)
  }

  /** Until the user has decided, anything may happen to it. */
  #ponder(visit: Visit, left: InterruptedUpload): void {
    const { random, plan, timeline } = this.#world
    this.#pondered += 1
    timeline.after(random.between(0, 3 * plan.deedEvery), () => {
      this.#pondered -= 1
      if (visit.page.isAlive) this.#decide(visit, left)
    })
  }

  #decide(visit: Visit, left: InterruptedUpload): void {
    const { random, sources, history } = this.#world
    const source = sources.find(({ name }) => name === left.identity.name)
    if (source === undefined) return
    const choice = random.pick(['resume', 'resume', 'cancel', 'cancel', 'forget'] as const)
    history.note('user', `is told of ${source.name}, ${left.confirmed} bytes stored: ${choice}`)
    history.count('user', `${choice} what was left`)
    if (choice === 'resume') this.#resume(visit, left, source)
    else if (choice === 'cancel') visit.page.keepBusy(left.cancel())
    else this.#forget(visit, left)
  }

  #resume(visit: Visit, left: InterruptedUpload, source: Source): void {
    this.#give(visit, source, (file, signal) => left.resume(file, { signal }))
  }

  #forget(visit: Visit, left: InterruptedUpload): void {
    this.#world.isForgiven = true
    visit.page.keepBusy(left.forget())
  }

  /** Faults have stopped, and whatever waits for the user gets it. */
  #tend(): void {
    const { open } = this.#world
    const all = open.flatMap(({ uploads }) => uploads.filter(({ isOver }) => !isOver))
    for (const shown of all) this.#help(shown)
    const missed = [...this.#due].filter((source) => !all.some((shown) => shown.source === source))
    if (missed.length > 0) this.#arrive(open[0] ?? this.#world.visit(), missed)
  }

  #help(shown: UserUpload): void {
    if (shown.status === 'paused') shown.resume()
    else if (shown.status === 'needs-file') shown.resume(shown.source.pick())
    else if (shown.status === 'failed') this.#helpFailed(shown)
  }

  #helpFailed(shown: UserUpload): void {
    if (this.#world.isCalm) shown.calmFailures += 1
    if (shown.calmFailures > mostCalmFailures)
      this.#world.referee.violate('ends', `${shown.name} fails again and again: ${String(shown.error)}`)
    // If two files have one name, a request for one may have taken effect after a request for the other.
    // If nobody can tell whether the object exists, only sending it again makes sure.
    const isUnsure = shown.error instanceof UnsureError
    if (shown.source.version > 0 || (isUnsure && shown.calmFailures > 1)) shown.restart()
    else shown.resume()
  }
}
