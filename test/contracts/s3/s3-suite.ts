import { createHash, randomUUID } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, type TestContext } from 'vitest'
import { type S3Address, S3User } from './s3-user.ts'

/** What a storage is known to do otherwise than S3. The tests that would show it are skipped, and say so. */
export type S3Difference =
  /** x-amz-checksum-* are not verified. */
  | 'ignores-checksums'
  /** x-amz-checksum-crc64nvme alone is not verified. */
  | 'ignores-crc64nvme'
  /** The SDK's own framing with a checksum behind the body is refused. */
  | 'refuses-trailers'
  /** A part may have a checksum where its upload has none. */
  | 'accepts-surprising-checksums'
  /** Complete takes parts in any order. */
  | 'ignores-part-order'
  | 'accepts-part-10001'
  /** Complete wants all the parts that were uploaded. */
  | 'refuses-part-subsets'
  /** A lost upload is NoSuchKey. */
  | 'confuses-lost-uploads'
  /** The first Complete is answered an empty ETag. */
  | 'empty-etag-on-complete'
  | 'refuses-unsigned-content-type'
  | 'accepts-unsigned-headers'
  | 'accepts-two-signatures'
  /** Errors carry no CORS headers. */
  | 'no-cors-on-errors'

/** The bucket exists, and answers pages of every origin. */
export type S3UnderTest = S3Address & { readonly differences?: readonly S3Difference[] }

/** What the parts of the suite are written with. */
export class S3Suite {
  readonly name: string
  readonly #storage: () => S3UnderTest
  readonly #prefix = `conformance/${randomUUID()}/`
  readonly #users: S3User[] = []
  #user: S3User | undefined

  constructor(name: string, storage: () => S3UnderTest) {
    this.name = name
    this.#storage = storage
    afterAll(() => {
      for (const { s3 } of this.#users) s3.destroy()
    })
  }

  get storage(): S3UnderTest {
    return this.#storage()
  }

  get bucket(): string {
    return this.storage.bucket
  }

  get user(): S3User {
    this.#user ??= this.newUser()
    return this.#user
  }

  newUser(options: S3ClientConfig = {}): S3User {
    const user = new S3User(this.storage, options)
    this.#users.push(user)
    return user
  }

  newKey(): string {
    return this.#prefix + randomUUID()
  }

  differs(difference: S3Difference): boolean {
    return this.storage.differences?.includes(difference) === true
  }

  skipWhere({ skip }: TestContext, ...differences: readonly S3Difference[]): void {
    for (const difference of differences) skip(this.differs(difference), `${this.name}: ${difference}`)
  }
}

export function md5(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** What published checksums of all kinds are those of. */
export const checkText = '123456789'

/** What S3 wants of every part but the last. */
export const minimumPart = 5 * 1024 * 1024
