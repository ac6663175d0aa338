import { NetworkError, SessionLostError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'
import { contentOf, digestOf } from './file.ts'
import type { Network } from './network.ts'
import type { Page } from './page.ts'
import type { Sent } from './rules/parts.ts'
import type { World } from './world.ts'

/** The storage as a page sees it through presigned URLs. */
export class SimulatedTransport implements PartTransport {
  readonly #page: Page
  readonly #world: World

  constructor(page: Page, world: World) {
    this.#page = page
    this.#world = world
  }

  send(target: PartTarget, body: Blob, call: PartCall): Promise<PartResponse> {
    const { file, bytes } = contentOf(body)
    const { session, number, expiresAt } = this.#world.urls.of(target.url)
    this.#checkDigest(target, bytes)
    const part: Sent = { session, number, bytes, version: file.version, url: target.url }
    const isExpired = this.#world.timeline.date >= expiresAt
    const shown = this.#world.uploadOn(this.#page, file.source.name)
    if (shown !== undefined) shown.sent = file
    const what = `part ${number} of ${session} (${bytes.length} bytes)`
    this.#world.referee.requested(this.#page, file.source.name, what)
    this.#world.referee.sending(this.#page, part)
    return this.#network.send(this.#page, {
      about: { port: 'put', session, bytes: bytes.length },
      what,
      signal: call.signal,
      onSent: (share) => call.onProgress?.(Math.floor(share * bytes.length)),
      effect: () => {
        // An empty slice has nothing to read.
        if (!file.isReadable && bytes.length > 0) throw new NetworkError('the file cannot be read')
        return isExpired ? this.#expired() : this.#put(part)
      },
      onCut: () => this.#cut(part),
      refuse: (status, retryAfter) => {
        if (status === 404) this.#world.deny(session)
        if (status === 200) return { status, headers: {}, body: this.#world.random.pick(foisted) }
        return respond(status, retryAfter)
      },
      onAnswer: (response) => this.#world.referee.partAnswered(this.#page, part, response),
      onError: () => {
        if (isExpired) this.#world.referee.expiryHidden(part)
      },
    })
  }

  get #network(): Network {
    return this.#world.network
  }

  #checkDigest({ number, headers, digest }: PartTarget, bytes: Uint8Array): void {
    if (digest === undefined) return
    const expected = Buffer.from(digestOf(bytes, digest.algorithm), 'hex').toString('base64')
    if (headers[digest.header] !== expected)
      throw new Error(`part ${number} carries ${headers[digest.header]}`)
  }

  #expired(): PartResponse {
    this.#world.history.count('world', 'URL expired')
    if (this.#world.plan.hidesExpiry) throw new NetworkError('an answer that CORS hides')
    return respond(403, undefined)
  }

  /** Some storages keep the part of a body that has arrived. */
  #cut(part: Sent): void {
    const { bytes, session } = part
    if (!this.#world.plan.keepsCutParts || bytes.length < 2) return
    this.#world.history.note('server', `keeps half of part ${part.number} of ${session}`)
    this.#put({ ...part, bytes: bytes.subarray(0, bytes.length / 2) })
  }

  #put({ session, number, bytes, version }: Sent): PartResponse {
    try {
      const etag = this.#world.server.put(session, number, bytes, version)
      return { status: 200, headers: { etag }, body: '' }
    } catch (error) {
      if (error instanceof SessionLostError)
        return { status: 404, headers: {}, body: '<Error><Code>NoSuchUpload</Code></Error>' }
      throw error
    }
  }
}

/** The answer of something on the way, or of a storage that failed. A storage that has the part would send an ETag. */
export const foisted = [
  '',
  '<!doctype html><title>Sign in</title>',
  '<Error><Code>InternalError</Code></Error>',
  '{"statusCode":502,"message":"Bad Gateway"}',
] as const

/** Retry-After is in whole seconds. */
function respond(status: number, retryAfter: number | undefined): PartResponse {
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter / 1000) }
  return { status, headers, body: '' }
}
