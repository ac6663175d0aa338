/** Presigned URLs, with their purpose and lifetime. */
export type SignedUrl = {
  readonly session: string
  readonly number: number
  /** By the server's clock, in milliseconds since 1970. */
  readonly expiresAt: number
  /** By the page's monotonic clock, as far as the server has stated it; set when the page receives it. */
  usableUntil: number
}

export class Urls {
  readonly #signed = new Map<string, SignedUrl>()

  sign(session: string, number: number, expiresAt: number): string {
    const url = `https://storage.test/${session}/${number}?signature=${this.#signed.size + 1}`
    this.#signed.set(url, { session, number, expiresAt, usableUntil: Number.POSITIVE_INFINITY })
    return url
  }

  of(url: string): SignedUrl {
    const signed = this.#signed.get(url)
    if (signed === undefined) throw new TypeError(`${url} was never signed`)
    return signed
  }
}
