import { randomBytes } from 'node:crypto'

export type Tokens = { readonly accessToken: string; readonly refreshToken: string }

/** Who is signed in. Lost with the process. */
export class Accounts {
  readonly #owners = new Map<string, string>()
  readonly #refreshable = new Map<string, string>()

  signIn(owner: string): Tokens {
    const tokens = { accessToken: newToken(), refreshToken: newToken() }
    this.#owners.set(tokens.accessToken, owner)
    this.#refreshable.set(tokens.refreshToken, owner)
    return tokens
  }

  /** A refresh token is valid once: after two refreshes at the same time, one of them is signed out. */
  refresh(refreshToken: string): Tokens | undefined {
    const owner = this.#refreshable.get(refreshToken)
    this.#refreshable.delete(refreshToken)
    return owner === undefined ? undefined : this.signIn(owner)
  }

  ownerOf(accessToken: string): string | undefined {
    return this.#owners.get(accessToken)
  }

  /** Expires every access token, but not the refresh tokens. */
  expire(): void {
    this.#owners.clear()
  }

  /** Signs everybody out, so that nobody can refresh. */
  signOutAll(): void {
    this.#owners.clear()
    this.#refreshable.clear()
  }
}

function newToken(): string {
  return randomBytes(24).toString('base64url')
}
