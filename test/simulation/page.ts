import type { History } from './history.ts'

export type Port =
  | 'open'
  | 'reopen'
  | 'sign'
  | 'record'
  | 'complete'
  | 'abort'
  | 'put'
  | 'load'
  | 'save'
  | 'receipt'
  | 'remove'
  | 'list'
  | 'digest'
  | 'claim'
  | 'wait'
  | 'taken'
  | 'wanted'
  | 'sleep'
  | 'changed'
  | 'status'
  | 'refresh'

/** What a call through a port is about. */
export type About = {
  readonly port: Port
  readonly key?: string
  readonly session?: string
  /** The part that is on its way. */
  readonly bytes?: number
  /** The time at which a storage was called, by the machine's clock. */
  readonly since?: number
}

/** How a call through a port is answered. The page hears nothing after the first answer, a cut or a crash. */
export interface Answer<T> {
  /** Whether the engine still waits for it. */
  readonly isOpen: boolean
  resolve(value: T): void
  reject(error: unknown): void
}

/** Starts the effect of a call. The function that it returns is called when a signal cuts the call. */
type Begin<T> = (answer: Answer<T>) => (() => void) | undefined

export type OpenCall = About & { readonly fail: (error: unknown) => void }

/**
 * When a page dies in the middle of its work: after how many calls from now, and whether the last one is still made.
 */
type CrashPlan = { left: number; readonly isMade: boolean; readonly ports: readonly Port[] | undefined }

/** If a page dies at one of these calls, the next page has to make sense of the remains. */
export const writes: readonly Port[] = ['save', 'receipt', 'remove']
export const lastSteps: readonly Port[] = ['complete', 'remove']

/**
 * One page of the browser. Its engine reaches the world only through `call`. After a crash nothing that it waits for
 * arrives, and nothing that it does has any effect.
 */
export class Page {
  readonly name: string
  readonly open = new Set<OpenCall>()
  isAlive = true
  /** Its checkpoint storage has failed, so its memory may differ from what is stored. */
  isForgetful = false
  /** The browser has taken locks away from it. */
  hasLostLocks = false
  /** Keys of uploads that were completing then. Their records are removed nevertheless. */
  readonly lostAtTheEnd = new Set<string>()
  /** The time since when it knows that its checkpoint storage answers nobody. */
  muteSince: number | undefined
  /** The number of checkpoint operations so far. */
  diskUses = 0
  onCrash: () => void = () => {}
  readonly #history: History
  #busy = 0
  #crashPlan: CrashPlan | undefined

  constructor(number: number, history: History) {
    this.name = `page ${number}`
    this.#history = history
  }

  note(what: string): void {
    if (this.isAlive) this.#history.note(this.name, what)
  }

  crash(): void {
    if (!this.isAlive) return
    this.note('CRASHES')
    this.isAlive = false
    this.open.clear()
    this.onCrash()
  }

  /** Whether its user waits for anything other than an upload. */
  get isBusy(): boolean {
    return this.#busy > 0
  }

  /** The user waits for this, and accepts a failure. */
  keepBusy(waiting: Promise<unknown>): void {
    this.#busy += 1
    const done = (): void => {
      this.#busy -= 1
    }
    waiting.then(done, done)
  }

  /** The page dies within this many calls from now (through these ports), before or after the last of them is made. */
  crashAfter(calls: number, isMade: boolean, ports?: readonly Port[]): void {
    this.#crashPlan = { left: calls, isMade, ports }
  }

  stayAlive(): void {
    this.#crashPlan = undefined
  }

  /** A call through a port. An abort of the signal rejects it at once. */
  call<T>(about: About, begin: Begin<T>, signal?: AbortSignal): Promise<T> {
    if (!this.isAlive) return never()
    const isLast = this.#isLast(about.port)
    if (isLast) this.#history.count('world', `crash ${this.#crashPlan?.isMade ? 'after' : 'before'} a call`)
    if (isLast && !this.#crashPlan?.isMade) {
      this.crash()
      return never()
    }
    const settled = this.#settled(about, begin, signal)
    if (isLast) this.crash()
    return settled
  }

  #isLast(port: Port): boolean {
    const plan = this.#crashPlan
    if (plan === undefined || plan.ports?.includes(port) === false) return false
    plan.left -= 1
    return plan.left === 0
  }

  #settled<T>(about: About, begin: Begin<T>, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      let undo: (() => void) | undefined
      const isOpen = (): boolean => this.open.has(call)
      const settle = (then: () => void): void => {
        if (!this.open.delete(call)) return
        signal?.removeEventListener('abort', cut)
        then()
      }
      const cut = (): void => {
        settle(() => reject(signal?.reason))
        undo?.()
      }
      const fail = (error: unknown): void => settle(() => reject(error))
      const call: OpenCall = { ...about, fail }
      this.open.add(call)
      signal?.addEventListener('abort', cut)
      undo = begin({
        get isOpen() {
          return isOpen()
        },
        resolve: (value) => settle(() => resolve(value)),
        reject: fail,
      })
    })
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {})
}
