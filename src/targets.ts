/** The targets of one run's parts: signed in batches just ahead of use, dropped shortly before they expire. */
import { BackendError } from './errors.ts'
import type { Clock, Part, PartTarget } from './ports.ts'

type Ready = { readonly target: PartTarget; readonly signedAt: number }

type TargetsOptions = {
  /** The parts that will be asked for, in the order in which they will be. */
  readonly parts: readonly Part[]
  /** Targets that are there already. */
  readonly signed?: readonly PartTarget[]
  /** How many to sign at once, at first and at most. */
  readonly batch: { readonly first: number; readonly most: number }
  /** How many parts beyond the one that is being sent are to be signed by then. */
  readonly ahead: number
  readonly clock: Clock
  /** Whether requests fail: then one call at a time asks for all that is wanted, and not each part for itself. */
  readonly isTroubled: () => boolean
  readonly sign: (parts: readonly Part[]) => Promise<readonly PartTarget[]>
}

/** What is used within so many milliseconds may be signed at once: URLs live for minutes, most of them. */
const horizon = 20_000

/** A target is given up this long before it expires: the storage checks when the request arrives, by its own clock. */
const margin = 5_000

export class Targets {
  readonly #options: TargetsOptions
  readonly #position: ReadonlyMap<number, number>
  readonly #ready = new Map<number, Ready>()
  readonly #signing = new Map<number, Promise<void>>()
  /** What somebody waits for. */
  readonly #wanted = new Set<Part>()
  /** Wanted, and not got: whoever asks again asks for all of them. */
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
   * A target that can be used now, or that was signed this moment: one that lives for no time at all is the storage's to
   * refuse, which ends, and not ours, which would sign it without end. Rejects as the backend's `sign` does.
   */
  async take(part: Part): Promise<PartTarget> {
    let target = this.#usable(part.number)
    this.#wanted.add(part)
    try {
      while (target === undefined) {
        const others = this.#signing.has(part.number) ? undefined : this.#onlyCall
        await (others ?? this.#signing.get(part.number) ?? this.#signFrom(part))
        // Other parts' call has not signed this one, whose own may have expired since.
        target = others === undefined ? this.#ready.get(part.number)?.target : this.#usable(part.number)
      }
    } finally {
      this.#wanted.delete(part)
    }
    this.#since ??= this.#options.clock.now()
    this.#signAhead(part)
    return target
  }

  /** Whether it is still the part's, and has not expired. */
  isUsable(target: PartTarget): boolean {
    return this.#usable(target.number) === target
  }

  /** The part's target is of no use any more: the part is stored, or the storage has refused it. */
  drop(number: number): void {
    if (this.#ready.delete(number)) this.#taken += 1
  }

  /** Waits for calls that are still under way; their outcome does not matter any more. */
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

  /** A call that others have to wait for, and whose failure is theirs: the server is the same. */
  get #onlyCall(): Promise<void> | undefined {
    return this.#options.isTroubled() ? this.#signing.values().next().value : undefined
  }

  /** Asks for the next batch before this one has run out, so that no part has to wait for it. */
  #signAhead(part: Part): void {
    const position = this.#position.get(part.number) ?? 0
    for (const next of this.#options.parts.slice(position, position + this.#options.ahead + 1)) {
      if (this.#onlyCall !== undefined) return
      // A failure shows where the target is taken; there it is asked for again.
      if (this.#unsigned.has(next.number)) this.#signFrom(next).catch(() => {})
    }
  }

  /** Signs the part, and with it those that are waited for, and those after it that have not been signed yet. */
  #signFrom(part: Part): Promise<void> {
    const position = this.#position.get(part.number) ?? 0
    const end = position + this.#batch
    const wanted = [...this.#wanted].filter(
      ({ number }) => !this.#signing.has(number) && !this.#usable(number),
    )
    const following = this.#options.parts.slice(position + 1, end).filter(({ number }) => this.#wants(number))
    const batch = [...new Set([part, ...wanted, ...following])]
    // What is too much goes with whoever asks next.
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

  /** As many as are used within a while, as far as that has been seen. */
  get #batch(): number {
    const { batch, clock } = this.#options
    const elapsed = clock.now() - (this.#since ?? clock.now())
    const expected = Math.floor((this.#taken * horizon) / Math.max(elapsed, horizon / 10))
    return Math.min(batch.most, Math.max(batch.first, expected))
  }

  /** Not signed yet, or signed and expired by now; a part that is stored has no target any more. */
  #wants(number: number): boolean {
    if (this.#signing.has(number)) return false
    return (
      this.#unsigned.has(number) ||
      this.#failed.has(number) ||
      (this.#ready.has(number) && this.#usable(number) === undefined)
    )
  }

  /** An application's own backend may give whatever its server says; a request to `undefined` would go to the page's own host. */
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
