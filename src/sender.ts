/** Sends the missing parts: line → target → PUT → receipt. Nothing that it starts outlives it. */
import {
  EtagHiddenError,
  HttpError,
  NetworkError,
  SessionLostError,
  toUploadError,
  type UploadError,
  UrlExpiredError,
} from './errors.ts'
import { errorInside, httpFailure, isForeign, meaningToS3 } from './http-failure.ts'
import type { Line } from './line.ts'
import type { PartDigests } from './part-digests.ts'
import { onAbort, unless } from './patience.ts'
import type { Backend, Part, PartReceipt, PartResponse, PartTarget, RefusalMeaning } from './ports.ts'
import { requireByte, requireBytes } from './readable.ts'
import { Attempts, mayRetry, type RetryPolicy } from './retry.ts'
import type { Targets } from './targets.ts'

export type Sending = {
  readonly file: File
  readonly parts: readonly Part[]
  readonly targets: Targets
  readonly retry: RetryPolicy
  readonly line: Line
  /** Says what a refusal means in its protocol, if that differs from S3's. */
  readonly backend: Pick<Backend, 'judge'>
  /** The parts' digests, for headers and to compare ETags. */
  readonly digests: Pick<PartDigests, 'dress' | 'confirm'>
  /** No new request from here on; requests under way go on. */
  readonly stop: AbortSignal
  /** Requests under way are cut too. Implies `stop`. */
  readonly kill: AbortSignal
  readonly on: SendingListener
}

export type SendingListener = {
  sending(part: Part, sent: number): void
  /** The part's request failed, or was cut; it may be made again. */
  dropped(part: Part): void
  /** The storage has the part. It counts as done when this resolves. */
  stored(receipt: PartReceipt): Promise<void>
  /**
   * The first part has failed a few times. The error says why, as far as can be known by then. The part is tried again
   * all the same.
   */
  suspected(error: UploadError): void
}

/** How often a part may be refused as expired before that is an error. */
const maxResigned = 3

/**
 * After this many failures of a part, all of it is read. If it is the first part, a person hears the probable cause,
 * seconds and not minutes after the first failure. It is still tried again, since an outage's answers carry no CORS
 * headers either.
 */
const telling = 3

/**
 * Resolves when every part is stored. When a part fails for good, no new request is made, requests under way may still
 * end, and it rejects with the first failure.
 */
export function sendParts(sending: Sending): Promise<void> {
  return new Delivery(sending).all()
}

class Delivery {
  readonly #sending: Sending
  readonly #givenUp = new AbortController()
  readonly #open = new Set<Promise<void>>()
  /** Parts that wait for their next attempt. */
  #resting = 0
  /** An ETag has been seen. If one is missing from then on, somebody else has answered. */
  #hasEtag = false
  #changed: () => void = () => {}

  constructor(sending: Sending) {
    this.#sending = sending
  }

  /**
   * Parts enter the queue as others leave it, so that ten thousand of them are not ten thousand closures. As many wait
   * as are on their way, since several may leave before the receipt of the first is written.
   */
  async all(): Promise<void> {
    const { parts, stop, targets } = this.#sending
    const { signal } = this.#givenUp
    const undo = onAbort(stop, () => this.#givenUp.abort(stop.reason))
    for (const part of parts) {
      while (this.#isBusy()) await this.#change()
      if (signal.aborted) break
      this.#start(part)
    }
    // None of them rejects.
    await Promise.all([...this.#open])
    undo()
    await targets.settled()
    signal.throwIfAborted()
  }

  /** Parts that wait for their next attempt keep no others out, unless the server seems to be down. */
  #isBusy(): boolean {
    const { line, retry } = this.#sending
    const resting = retry.budget.inARow < line.width ? this.#resting : 0
    return this.#open.size - resting >= 2 * line.width
  }

  /** Resolves when a part has ended or begins to wait. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve
    })
  }

  #start(part: Part): void {
    const delivered = this.#deliver(part, this.#open.size)
      .catch((error: unknown) => this.#givenUp.abort(error))
      .finally(() => {
        this.#open.delete(delivered)
        this.#changed()
      })
    this.#open.add(delivered)
  }

  /** Sends one part until it is stored. Waiting for a target or for the next attempt takes no place in the queue. */
  async #deliver(part: Part, rank: number): Promise<void> {
    const { signal: stop } = this.#givenUp
    const attempts = new Attempts(this.#sending.retry)
    const tried = { url: '' }
    let resigned = 0
    let failures = 0
    for (;;) {
      // A failure here is for good, since the call has had its own retries. What the target wants digested is digested
      // here, outside the queue.
      await this.#target(part)
      try {
        return await this.#attempt(part, rank, tried)
      } catch (thrown) {
        stop.throwIfAborted()
        const error = await this.#explain(part, toUploadError(thrown), ++failures === telling)
        // Stores refuse an expired URL without CORS headers, and then a page sees only a network error.
        if (isExpiry(error) || error instanceof NetworkError) this.#sending.targets.drop(part.number)
        if (failures === telling && part === this.#sending.parts[0])
          this.#sending.on.suspected(await this.#why(error, tried.url))
        if (!isExpiry(error)) await this.#wait(attempts, error, tried.url)
        // A 401 comes from the application's own server, and is no expired URL.
        else if (++resigned > maxResigned) throw isUnauthorized(error.cause) ? error.cause : error
      }
    }
  }

  #why(error: UploadError, url: string): Promise<UploadError> {
    return this.#sending.line.explain(error, url, { signal: this.#sending.kill })
  }

  /** Waits until the part may be tried again. If it may not, the error says why, as far as can be known. */
  async #wait(attempts: Attempts, error: UploadError, url: string): Promise<void> {
    const { signal } = this.#givenUp
    this.#resting += 1
    this.#changed()
    try {
      await attempts.failed(error, { signal })
    } catch (last) {
      throw last === error ? await this.#why(error, url) : last
    } finally {
      this.#resting -= 1
    }
  }

  /**
   * A file that is gone looks like a network error until a byte of it is read. If a file has become shorter, its
   * request in Firefox waits for the rest for ever. And a disk may not answer.
   */
  async #explain(part: Part, error: UploadError, isThorough: boolean): Promise<UploadError> {
    if (!(error instanceof NetworkError) || part.size === 0) return error
    const { file, retry } = this.#sending
    const { signal } = this.#givenUp
    const end = part.offset + part.size
    const read = async (): Promise<void> => {
      await requireByte(file.slice(end - 1, end), file.name)
      if (isThorough) await requireBytes(slice(file, part), file.name, signal)
    }
    const look = (): Promise<UploadError> => unless(signal, read()).then(() => error)
    // While the user leaves a page, WebKit cuts requests and reads nothing, but it may show the page again.
    const later = (): Promise<void> => retry.clock.sleep(1_000, this.#givenUp)
    return look()
      .catch(() => later().then(look))
      .catch(toUploadError)
  }

  /**
   * The target with the digest that it wants. If it has expired meanwhile, another one is taken: the digest is known by
   * then.
   */
  async #target(part: Part): Promise<PartTarget> {
    const { targets, digests } = this.#sending
    const target = await targets.take(part)
    const dressed = await digests.dress(part, target)
    const isGood = dressed === target || targets.isUsable(target)
    return isGood ? dressed : digests.dress(part, await targets.take(part))
  }

  async #attempt(part: Part, rank: number, tried: { url: string }): Promise<void> {
    const { line, targets, retry } = this.#sending
    const { signal: stop } = this.#givenUp
    const receipt = await line.inTurn(stop, rank, async () => {
      const target = await this.#target(part)
      tried.url = target.url
      return this.#put(part, target)
    })
    targets.drop(part.number)
    await this.#confirm(part, receipt)
    retry.budget.refill()
    await this.#sending.on.stored(receipt)
  }

  async #confirm(part: Part, receipt: PartReceipt): Promise<void> {
    try {
      await this.#sending.digests.confirm(receipt)
    } catch (error) {
      this.#sending.on.dropped(part)
      throw error
    }
  }

  #receipt({ number, size }: Part, target: PartTarget, response: PartResponse): PartReceipt {
    const { backend, retry } = this.#sending
    const now = retry.clock.date()
    const refused = [`part ${number}`, response, now] as const
    const isOk = response.status >= 200 && response.status <= 299
    const failure = isOk ? errorInside(refused[0], response.body) : httpFailure(...refused)
    if (failure !== undefined) {
      const meaning = backend.judge?.(failure, target) ?? meaningToS3(failure)
      if (meaning === 'stored') return { number, size, etag: '' }
      if (meaning === 'try-again') throw httpFailure(...refused, { retryable: true })
      throw asMeant(number, failure, meaning, now)
    }
    if (isForeign(response))
      throw new NetworkError(`part ${number}: an HTML page in place of the storage's answer`)
    // Without the W/ of a compressing proxy (RFC 9110, 8.8.1), and only the first if a proxy repeats the header: the
    // storage knows the part by its own. And as a copy: a piece of the headers' text keeps all of it in memory, as long
    // as the receipt lives.
    const etag = [...(response.headers['etag'] ?? '').replace(/^W\/|, .*/g, '')].join('')
    if (etag !== '') this.#hasEtag = true
    else if (target.needsEtag ?? true)
      throw this.#hasEtag
        ? new NetworkError(`part ${number}: an answer without an ETag`)
        : new EtagHiddenError(number)
    return { number, size, etag, ...(target.memo !== undefined && { memo: target.memo }) }
  }

  async #put(part: Part, target: PartTarget): Promise<PartReceipt> {
    const { file, line, kill, on } = this.#sending
    let sent = 0
    this.#givenUp.signal.throwIfAborted()
    on.sending(part, 0)
    try {
      const response = await line.send(target, slice(file, part), {
        signal: kill,
        onProgress: (bytes) => {
          sent = bytes
          on.sending(part, bytes)
        },
      })
      const receipt = this.#receipt(part, target, response)
      line.acknowledged()
      return receipt
    } catch (thrown) {
      on.dropped(part)
      const error = toUploadError(thrown)
      // Something on the way may limit the time of each part, as some proxies do. With fewer at once, each takes less
      // time.
      const isTotal = !kill.aborted && line.failed()
      const isCut = isTotal && sent > 0 && sent < part.size
      if (isCut || error.code === 'throttled' || error.code === 'stalled') line.trouble(isTotal)
      // Here and not later: the place in the queue is still taken, so no other part can slip out first.
      if (!mayRetry(error) && !isExpiry(error)) this.#givenUp.abort(error)
      throw thrown
    }
  }
}

/** Without a type, because some stores refuse a Content-Type that was not signed. */
function slice(file: File, part: Part): Blob {
  return file.slice(part.offset, part.offset + part.size)
}

/** @param now In milliseconds since 1970. */
function asMeant(
  number: number,
  failure: HttpError,
  meaning: RefusalMeaning | undefined,
  now: number,
): UploadError {
  if (meaning === 'session-lost') return new SessionLostError(failure)
  if (meaning !== 'target-expired') return failure
  return new UrlExpiredError(number, { cause: failure, clockSkew: failure.date && failure.date - now })
}

/** The storage does not take this target any more, so the part gets another one. */
function isExpiry(error: UploadError): boolean {
  return error.code === 'url-expired'
}

function isUnauthorized(cause: unknown): boolean {
  return cause instanceof HttpError && cause.code === 'unauthorized'
}
