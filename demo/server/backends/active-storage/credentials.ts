import { randomBytes } from 'node:crypto'

/** The vendor's API keys. */
export class ApiKeys {
  readonly #keys = new Set<string>()

  issue(): string {
    const key = newSecret()
    this.#keys.add(key)
    return key
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** Invalidates the keys that were issued. A new one can be had. */
  expire(): void {
    this.#keys.clear()
  }
}

export type Session = { readonly id: string; readonly csrfToken: string }

/** The sessions of pages of the Rails application: the session's id is in a cookie, and the token in the page. */
export class Sessions {
  readonly #tokens = new Map<string, string>()

  open(): Session {
    const session = { id: newSecret(), csrfToken: newSecret() }
    this.#tokens.set(session.id, session.csrfToken)
    return session
  }

  /** Whether this token was in a page of this session. */
  fits(id: string | undefined, csrfToken: string | undefined): boolean {
    return id !== undefined && csrfToken !== undefined && this.#tokens.get(id) === csrfToken
  }

  expire(): void {
    this.#tokens.clear()
  }
}

function newSecret(): string {
  return randomBytes(24).toString('base64url')
}
