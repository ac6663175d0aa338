import { randomBytes } from 'node:crypto'

export type TokenState = 'valid' | 'missing' | 'expired' | 'unknown'

/** The bearer tokens that a reference server accepts. They expire on order. */
export class Tokens {
  readonly #valid: Set<string>
  readonly #expired = new Set<string>()
  #requestsLeft = Number.POSITIVE_INFINITY

  constructor(...valid: readonly string[]) {
    this.#valid = new Set(valid)
  }

  issue(): string {
    const token = randomBytes(18).toString('base64url')
    this.#valid.add(token)
    return token
  }

  /** @param after How many requests are still let in before every current token has expired. */
  expire(after = 0): void {
    this.#requestsLeft = after
    if (after === 0) this.#expireAll()
  }

  /** The state of a request's token. Counts the request. */
  take(authorization: string | undefined): TokenState {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return 'missing'
    if (!this.#valid.has(token)) return this.#expired.has(token) ? 'expired' : 'unknown'
    this.#count()
    return 'valid'
  }

  #count(): void {
    this.#requestsLeft -= 1
    if (this.#requestsLeft <= 0) this.#expireAll()
  }

  #expireAll(): void {
    for (const token of this.#valid) this.#expired.add(token)
    this.#valid.clear()
    this.#requestsLeft = Number.POSITIVE_INFINITY
  }
}
