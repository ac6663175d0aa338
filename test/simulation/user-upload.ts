import type { UploadResult } from '../../src/ports.ts'
import { isEnded } from '../../src/state.ts'
import type { Upload } from '../../src/upload.ts'
import type { SimulatedFile, Source } from './file.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

/** An upload as its user sees it on a page, with its events and its outcome. */
export class UserUpload {
  readonly name: string
  readonly page: Page
  readonly source: Source
  readonly upload: Upload
  readonly abort: AbortController
  /** By the machine's clock. */
  readonly begunAt: number
  /** The file that the engine was given last. */
  file: SimulatedFile
  /** The last file of which a part has left. */
  sent: SimulatedFile | undefined
  /** Its file now is not the one that it began with. */
  isPickedAgain = false
  /** Nothing can happen to it any more. */
  isOver = false
  /** How often it has failed since faults have stopped. */
  calmFailures = 0
  onOver: () => void = () => {}
  readonly #world: World
  #outcome: { readonly result: UploadResult } | { readonly error: unknown } | undefined
  /** Many users only listen to events. */
  readonly #isAwaited: boolean
  #awaits = 0
  #gone: boolean | undefined

  constructor(world: World, page: Page, upload: Upload, file: SimulatedFile, abort: AbortController) {
    this.#world = world
    this.page = page
    this.source = file.source
    this.upload = upload
    this.file = file
    this.abort = abort
    this.begunAt = world.timeline.date
    this.#isAwaited = world.random.chance(0.5)
    this.name = `${page.name}'s upload ${upload.id} of ${file.name}`
    this.#listen()
    this.#await()
  }

  /** Its content need not be checked again. */
  get isSentBefore(): boolean {
    return this.sent === this.file
  }

  get status(): string {
    const { state } = this.upload
    if (state.status !== 'paused') return state.status
    return state.by === 'user' ? 'paused' : state.reason
  }

  /** Why it has failed. */
  get error(): unknown {
    const { state } = this.upload
    return state.status === 'failed' ? state.error : undefined
  }

  resume(file?: SimulatedFile): void {
    this.upload.resume(file)
    this.resumed(file)
  }

  /** The engine has been told to go on, with this file. */
  resumed(file: SimulatedFile | undefined): void {
    if (file !== undefined) this.isPickedAgain ||= file !== this.file
    if (file !== undefined) this.file = file
    this.#await()
  }

  restart(): void {
    this.#world.referee.restarted(this)
    this.upload.restart()
    this.resumed(undefined)
  }

  /** Called after every step: has it ended? */
  look(): void {
    if (this.isOver || !isEnded(this.upload.state) || !this.#isGone()) return
    this.isOver = true
    this.onOver()
    this.#world.history.count('end', this.status)
    this.#world.referee.over(this)
    const { state } = this.upload
    if (state.status === 'done') this.#checkDone(state.result)
    else if (this.#isAwaited && (this.#outcome === undefined || 'result' in this.#outcome))
      this.#contradiction()
  }

  /** A cancelled upload is over when `cancel` resolves. */
  #isGone(): boolean {
    if (this.upload.state.status === 'done') return true
    if (this.#gone === undefined) {
      this.#gone = false
      void this.upload.cancel().then(() => {
        this.#gone = true
      })
    }
    return this.#gone
  }

  #checkDone(result: UploadResult): void {
    const isSame = this.#outcome !== undefined && 'result' in this.#outcome && this.#outcome.result === result
    if (this.#isAwaited && !isSame) return this.#contradiction()
    this.#world.referee.done(this, result)
  }

  #contradiction(): void {
    const said = this.#outcome === undefined ? 'nothing' : 'result' in this.#outcome ? 'a result' : 'an error'
    this.#world.referee.violate('exclusive', `${this.name} is ${this.status}, and who awaits it gets ${said}`)
  }

  #listen(): void {
    const { referee, history } = this.#world
    this.upload.on('state', () => {
      if (!this.page.isAlive) return
      this.page.note(
        `shows ${this.source.name} as ${this.status}${this.error === undefined ? '' : `: ${this.error}`}`,
      )
      history.count('state', this.status)
      referee.shows(this)
    })
    this.upload.on('progress', (progress) => {
      if (!this.page.isAlive) return
      this.page.note(`shows ${progress.confirmed} + ${progress.inFlight} of ${progress.total} bytes`)
      referee.progress(this, progress)
    })
    this.upload.on('warning', ({ code, cause }) => {
      this.page.note(`warns: ${code} (${String(cause)})`)
      history.count('warning', code)
      if (code === 'checkpoint') referee.storageGivenUp(this, cause)
    })
  }

  /** Whoever awaits it after a failure awaits a new outcome. */
  #await(): void {
    if (!this.#isAwaited) return
    this.#awaits += 1
    const current = this.#awaits
    this.#outcome = undefined
    this.upload.then(
      (result) => {
        if (current === this.#awaits) this.#outcome = { result }
      },
      (error: unknown) => {
        if (current === this.#awaits) this.#outcome = { error }
      },
    )
  }
}
