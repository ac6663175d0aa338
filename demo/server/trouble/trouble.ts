import type { FaultKind, FaultRule, ObjectStore } from '../store/object-store.ts'
import { expiredRules, rulesOf, type TroubleName, troubleNames } from './trouble-rules.ts'

/** How many requests each has hit since it was switched on. */
export type Hits = Readonly<Record<TroubleName | 'expired', number>>

export type TroubleState = { readonly on: readonly TroubleName[]; readonly hits: Hits }

export type TroubleOptions = {
  /** Milliseconds after the last order until everything works again: perhaps nobody comes back to switch it off. */
  readonly lasts?: number
}

const noHits: Hits = { unplugged: 0, cuts: 0, busy: 0, slow: 0, expired: 0 }
const tenMinutes = 10 * 60 * 1000

/** What the demo's visitors have made go wrong. It is the same for all of them, because there is one storage. */
export class Trouble {
  readonly #store: ObjectStore
  readonly #lasts: number
  readonly #off: () => void
  readonly #on = new Set<TroubleName>()
  #expired: readonly FaultRule[] = []
  #hits: Hits = noHits
  #undo: () => void = () => {}
  #end: NodeJS.Timeout | undefined

  constructor(store: ObjectStore, { lasts = tenMinutes }: TroubleOptions = {}) {
    this.#store = store
    this.#lasts = lasts
    this.#off = store.log.on(({ fault }) => this.#count(fault))
  }

  get state(): TroubleState {
    return { on: troubleNames.filter((name) => this.#on.has(name)), hits: this.#hits }
  }

  get isUnplugged(): boolean {
    return this.#on.has('unplugged')
  }

  set(name: TroubleName, isOn: boolean): void {
    if (isOn) this.#on.add(name)
    else this.#on.delete(name)
    this.#hits = { ...this.#hits, [name]: 0 }
    this.#apply()
    if (name === 'unplugged' && isOn) this.#store.cut()
  }

  /** Expires every URL that was signed before now. */
  expireUrls(): void {
    this.#expired = expiredRules(Date.now())
    this.#hits = { ...this.#hits, expired: 0 }
    this.#apply()
  }

  clear(): void {
    this.#on.clear()
    this.#apply()
  }

  /** A call to the application's server has met the pulled plug. */
  hung(): void {
    this.#hit('unplugged')
  }

  close(): void {
    clearTimeout(this.#end)
    this.#off()
    this.#undo()
  }

  #apply(): void {
    this.#undo()
    // Expiry comes first: a URL that the storage refuses is refused before anything else can happen to it.
    this.#undo = this.#store.faults.add(...this.#expired, ...rulesOf(this.#on))
    clearTimeout(this.#end)
    if (this.#on.size > 0) this.#end = setTimeout(() => this.clear(), this.#lasts).unref()
  }

  #count(fault: FaultKind | undefined): void {
    if (fault === 'expired') this.#hit('expired')
    else if (fault === 'throttle') this.#hit('slow')
    else if (fault === 'status') this.#hit('busy')
    else if (fault === 'cut' || fault === 'cut-answer') this.#hit(this.isUnplugged ? 'unplugged' : 'cuts')
  }

  #hit(name: keyof Hits): void {
    this.#hits = { ...this.#hits, [name]: this.#hits[name] + 1 }
  }
}
