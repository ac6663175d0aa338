import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { BlobRequest } from './blob-request.ts'

export type BlobRecord = BlobRequest & {
  readonly id: number
  readonly key: string
  readonly service_name: string
  readonly created_at: string
  readonly signed_id: string
}

/** The records of the files that were, or are still to be, uploaded. They are lost with the process. */
export class Blobs {
  readonly #records: BlobRecord[] = []
  readonly #secret = randomBytes(32)

  create(request: BlobRequest): BlobRecord {
    const id = this.#records.length + 1
    const record = {
      ...request,
      filename: sanitized(request.filename),
      id,
      key: newKey(),
      service_name: 'demo',
      created_at: new Date().toISOString(),
      signed_id: this.#sign(id),
    }
    this.#records.push(record)
    return record
  }

  /** `undefined` also if the signature is not ours. */
  find(signedId: string): BlobRecord | undefined {
    return this.#records.find(({ signed_id }) => equal(signed_id, signedId))
  }

  #sign(id: number): string {
    const claim = Buffer.from(JSON.stringify({ id, purpose: 'blob_id' })).toString('base64url')
    return `${claim}--${createHmac('sha256', this.#secret).update(claim).digest('hex')}`
  }
}

/** 28 lower-case letters and digits, in no folder. */
function newKey(): string {
  return Array.from(randomBytes(28), (byte) => (byte % 36).toString(36)).join('')
}

/** Puts a dash where Rails does: for characters that mean something to a shell, to a path or to the eye. */
function sanitized(filename: string): string {
  return Buffer.from(filename)
    .toString()
    .trim()
    .replace(/[\u202E%$|:;/<>?*"\t\r\n\\]/g, '-')
}

function equal(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
