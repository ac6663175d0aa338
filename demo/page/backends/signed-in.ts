/**
 * What the demo's servers want to see of a client. Fetched before the first call, and again once it is no longer valid.
 */
export class SignedIn<T> {
  readonly #issue: () => Promise<T>
  #current: Promise<T> | undefined

  constructor(issue: () => Promise<T>) {
    this.#issue = issue
  }

  current(): Promise<T> {
    this.#current ??= this.#issue()
    return this.#current
  }

  readonly renew = async (): Promise<void> => {
    this.#current = this.#issue()
    await this.#current
  }
}

/** @returns The fields of the answer, all of them texts. */
export async function post<Field extends string>(path: string): Promise<Readonly<Record<Field, string>>> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: '{}' })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

/** A bearer token of a reference server. */
export function bearer(baseUrl: string): SignedIn<Readonly<Record<'authorization', string>>> {
  return new SignedIn(async () => {
    const { token } = await post<'token'>(`${baseUrl}/_token`)
    return { authorization: `Bearer ${token}` }
  })
}
