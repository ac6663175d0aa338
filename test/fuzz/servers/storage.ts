import { createHash } from 'node:crypto'
import { NetworkError } from '../../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../../src/ports.ts'
import type { HurriedClock } from '../hurried-clock.ts'

type Stored = { readonly bytes: Buffer; readonly etag: string }

/** Occurs in every signed URL, and nowhere else. */
export const signature = 'c0ffee-signature'

/** A storage that keeps parts by their URLs, and makes objects of them. */
export class ModelStorage implements PartTransport {
  /** The finished objects, by upload. */
  readonly objects = new Map<string, Buffer>()
  readonly #parts = new Map<string, Map<number, Stored>>()
  readonly #closed = new Set<string>()
  readonly #clock: Pick<HurriedClock, 'during'>
  /** Applied to the answer before the page receives it. */
  answer: (response: PartResponse) => PartResponse = (response) => response
  open = 0
  /** In a protocol without completing, the object exists after its one part. */
  needsCompleting = true
  /** Parts that never get a final answer, because the storage is in trouble. */
  fails: (number: number) => boolean | undefined = () => false

  /** How many milliseconds a URL is valid, and whether it says so. */
  lifetime = 900_000
  tellsLifetime = true
  /** How many milliseconds a server keeps an upload. */
  sessionLifetime = 3_600_000

  constructor(clock: Pick<HurriedClock, 'during'> = { during: (work) => work }) {
    this.#clock = clock
  }

  url(upload: string, number: number): string {
    const expires = this.tellsLifetime ? `X-Amz-Expires=${this.lifetime / 1000}&` : ''
    return `https://storage.test/${upload}/${number}?${expires}until=${Date.now() + this.lifetime}&X-Amz-Signature=${signature}`
  }

  /** The upload is completed or thrown away, and the storage accepts no more of its parts. */
  close(upload: string): void {
    this.#closed.add(upload)
  }

  parts(upload: string): ReadonlyMap<number, Stored> {
    return this.#parts.get(upload) ?? new Map()
  }

  /** @returns Whether it is an object now. It is not if a part is missing or differs from the list. */
  complete(upload: string, receipts: readonly { readonly number: number; readonly etag: string }[]): boolean {
    const stored = receipts.map(({ number, etag }) => {
      const part = this.parts(upload).get(number)
      return part !== undefined && part.etag.replaceAll('"', '') === etag.replaceAll('"', '')
        ? part
        : undefined
    })
    const ascends = receipts.every(({ number }, index) => number > (receipts[index - 1]?.number ?? -1))
    const whole = stored.filter((part) => part !== undefined)
    if (!ascends || whole.length === 0 || whole.length < stored.length) return false
    this.objects.set(upload, Buffer.concat(whole.map(({ bytes }) => bytes)))
    return true
  }

  async send(target: PartTarget, body: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    this.open += 1
    try {
      signal.throwIfAborted()
      // Like XMLHttpRequest, this throws for an invalid header.
      new Headers(target.headers)
      const bytes = Buffer.from(await this.#clock.during(body.arrayBuffer()))
      signal.throwIfAborted()
      onProgress?.(bytes.length)
      return this.answer(this.keep(target, bytes))
    } finally {
      this.open -= 1
    }
  }

  /** What it does with a part that has arrived. */
  keep(target: PartTarget, bytes: Buffer): PartResponse {
    const { origin, pathname, searchParams } = new URL(target.url, 'https://app.test')
    const [, upload, number = '1'] = /^\/(?:uploads\/)?([^/]+)\/(?:(\d+)|content)$/.exec(pathname) ?? []
    if (origin === 'https://evil.test') return { status: 200, headers: { etag: '"stolen"' }, body: '' }
    if (upload === undefined || !['https://storage.test', 'https://app.test'].includes(origin))
      throw new NetworkError(`part ${target.number}: nobody is there`)
    if (this.fails(Number(number))) return { status: 500, headers: {}, body: '' }
    const until = searchParams.get('until')
    if (until !== null && Date.now() >= Number(until)) return refusal(403, 'AccessDenied')
    if (this.#closed.has(upload)) return refusal(404, 'NoSuchUpload')
    const md5 = createHash('md5').update(bytes).digest()
    const announced = new Headers(target.headers).get('content-md5')
    if (announced !== null && announced !== md5.toString('base64')) return refusal(400, 'BadDigest')
    const etag = `"${md5.toString('hex')}"`
    const parts = this.#parts.get(upload) ?? new Map<number, Stored>()
    this.#parts.set(upload, parts.set(Number(number), { bytes, etag }))
    if (!this.needsCompleting) this.objects.set(upload, bytes)
    return { status: 200, headers: { etag }, body: '' }
  }
}

function refusal(status: number, code: string): PartResponse {
  return { status, headers: {}, body: `<Error><Code>${code}</Code></Error>` }
}
