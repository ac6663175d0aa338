/** The targets of one run's parts: signed in batches just ahead of use, and dropped shortly before they expire. */
import { BackendError } from './errors.ts'
import type { Clock, Part, PartTarget } from './ports.ts'

type Ready = { readonly target: PartTarget; readonly signedAt: number }

type TargetsOptions = {
  /** The parts, in the order in which they will be asked for. */
  readonly parts: readonly Part[]
  /** Targets that exist already. */
  readonly signed?: readonly PartTarget[]
  /** How many to sign at once, at first and at most. */
  readonly batch: { readonly first: number; readonly most: number }
  /** How many parts beyond the one being sent should be signed by then. */
  readonly ahead: number
  readonly clock: Clock
  /**
   * Whether requests are failing. Then one call at a time asks for everything that is wanted, and not each part for
   * itself.
   */
  readonly isTroubled: () => boolean
  readonly sign: (parts: readonly Part[]) => Promise<readonly PartTarget[]>
}

/** Milliseconds. What is used within them may be signed at once, since most URLs live for minutes. */
const horizon = 20_000

/** Milliseconds. A target is given up this long before it expires: the storage checks on arrival, by its own clock. */
const margin = 5_000

export class Targets {
  readonly #options: TargetsOptions
  readonly #position: ReadonlyMap<number, number>
  readonly #ready = new Map<number, Ready>()
  readonly #signing = new Map<number, Promise<void>>()
  /** The parts that somebody waits for. */
  readonly #wanted = new Set<Part>()
  /** Asked for in vain: the next call asks for all of them again. */
  readonly #failed = new Set<number>()
  /** Not asked for yet. */
  readonly #unsigned: Set<number>
  /** Parts whose targets were taken, and when the first of them was. */
  #taken = 0
  #since: number | undefined

  constructor(options: TargetsOptions) {
    this.#options = options
    this.#position = new Map(options.parts.map((part, position) => [part.number, position]))
    this.#unsigned = new Set(this.#position.keys())
    this.#keep(options.signed ?? [])
  }

  /**
   * A usable target, or one that was signed this very moment. If that one lives for no time at all, the storage refuses
   * it, which comes to an end; signing it again and again here would not. Rejects as the backend's `sign` does.
   */
  async take(part: Part): Promise<PartTarget> {
    let target = this.#usable(part.number)
    this.#wanted.add(part)
    try {
      while (target === undefined) {
        const others = this.#signing.has(part.number) ? undefined : this.#onlyCall
        await (others ?? this.#signing.get(part.number) ?? this.#signFrom(part))
        // Another part's call has not signed this one, whose own target may have expired meanwhile.
        target = others === undefined ? this.#ready.get(part.number)?.target : this.#usable(part.number)
      }
    } finally {
      this.#wanted.delete(part)
    }
    this.#since ??= this.#options.clock.now()
    this.#signAhead(part)
    return target
  }

  /** Whether it is still the part's target and has not expired. */
  isUsable(target: PartTarget): boolean {
    return this.#usable(target.number) === target
  }

  /** The part's target is of no use any more: the part is stored, or the storage has refused the target. */
  drop(number: number): void {
    if (this.#ready.delete(number)) this.#taken += 1
  }

  /** Waits for calls that are still under way. Their outcome does not matter any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#signing.values()])
  }

  #usable(number: number): PartTarget | undefined {
    const ready = this.#ready.get(number)
    if (ready === undefined) return undefined
    const { target, signedAt } = ready
    // A target that lives hardly longer than the margin is used for half of its time rather than never.
    const lifetime = target.validFor ?? Number.POSITIVE_INFINITY
    const usableFor = Math.max(lifetime - margin, lifetime / 2)
    return this.#options.clock.now() - signedAt < usableFor ? target : undefined
  }

  /**
   * While requests fail, the one call that all others wait for. Its failure is theirs, because the server is the same.
   */
  get #onlyCall(): Promise<void> | undefined {
    return this.#options.isTroubled() ? this.#signing.values().next().value : undefined
  }

  /** Asks for the next batch before this one runs out, so that no part has to wait for it. */
  #signAhead(part: Part): void {
    const position = this.#position.get(part.number) ?? 0
    for (const next of this.#options.parts.slice(position, position + this.#options.ahead + 1)) {
      if (this.#onlyCall !== undefined) return
      // A failure shows when the target is taken, and there it is asked for again.
      if (this.#unsigned.has(next.number)) this.#signFrom(next).catch(() => {})
    }
  }

  /** Signs the part, the parts that somebody waits for, and the next ones that are not signed yet. */
  #signFrom(part: Part): Promise<void> {
    const position = this.#position.get(part.number) ?? 0
    const end = position + this.#batch
    const wanted = [...this.#wanted].filter(
      ({ number }) => !this.#signing.has(number) && !this.#usable(number),
    )
    const following = this.#options.parts.slice(position + 1, end).filter(({ number }) => this.#wants(number))
    const batch = [...new Set([part, ...wanted, ...following])]
    // What is too much goes with the next call.
    for (const { number } of batch.splice(this.#options.batch.most)) this.#failed.add(number)
    const signing = this.#sign(batch)
      .catch((error: unknown) => {
        for (const { number } of batch) this.#failed.add(number)
        throw error
      })
      .finally(() => {
        for (const { number } of batch) this.#signing.delete(number)
      })
    for (const { number } of batch) {
      this.#failed.delete(number)
      this.#unsigned.delete(number)
      this.#signing.set(number, signing)
    }
    return signing
  }

  /** As many as are used within the horizon, as far as can be seen by now. */
  get #batch(): number {
    const { batch, clock } = this.#options
    const elapsed = clock.now() - (this.#since ?? clock.now())
    const expected = Math.floor((this.#taken * horizon) / Math.max(elapsed, horizon / 10))
    return Math.min(batch.most, Math.max(batch.first, expected))
  }

  /** Not signed yet, or signed and expired. A stored part has no target any more. */
  #wants(number: number): boolean {
    if (this.#signing.has(number)) return false
    return (
      this.#unsigned.has(number) ||
      this.#failed.has(number) ||
      (this.#ready.has(number) && this.#usable(number) === undefined)
    )
  }

  /**
   * An application's own backend may pass on anything its server says, and a request to `undefined` would go to the
   * page's own host.
   */
  #keep(targets: readonly PartTarget[]): void {
    if (!Array.isArray(targets) || !targets.every(isTarget))
      refuse('a list, each with number, url, method and headers', targets)
    const signedAt = this.#options.clock.now()
    for (const target of targets) {
      this.#ready.set(target.number, { target, signedAt })
      this.#unsigned.delete(target.number)
    }
  }

  async #sign(batch: readonly Part[]): Promise<void> {
    const targets = await this.#options.sign(batch)
    this.#keep(targets)
    const missing = batch.find(({ number }) => !targets.some((target) => target.number === number))
    if (missing === undefined) return
    const numbers = targets.map(({ number }) => number)
    refuse(`a list with part ${missing.number}`, numbers)
  }
}

function refuse(expected: string, received: unknown): never {
  throw new BackendError({ endpoint: 'sign', field: 'targets', expected, received })
}

function isTarget(value: unknown): boolean {
  const { number, url, method, headers } = Object(value)
  return typeof number === 'number' && url && typeof url === 'string' && method && headers
}
