import { createHash, randomUUID } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, expect, type TestContext, test } from 'vitest'
import type { S3Difference } from './s3-differences.ts'
import { type S3Address, S3User } from './s3-user.ts'

/** The bucket exists, and answers pages of every origin. */
export type S3UnderTest = S3Address & { readonly differences?: readonly S3Difference[] }

/** What the parts of the suite share. */
export class S3Suite {
  readonly name: string
  readonly #storage: () => S3UnderTest
  readonly #prefix = `conformance/${randomUUID()}/`
  readonly #users: S3User[] = []
  readonly #asked = new Set<S3Difference>()
  #user: S3User | undefined

  constructor(name: string, storage: () => S3UnderTest) {
    this.name = name
    this.#storage = storage
    afterAll(() => {
      for (const { s3 } of this.#users) s3.destroy()
    })
  }

  /** Must be called last. Fails for every difference that the storage is said to have and that no test has shown. */
  describeDifferences(): void {
    test(`${this.name}: has no difference that is listed but shown by no test`, () => {
      const { differences = [] } = this.storage
      expect(differences.filter((difference) => !this.#asked.has(difference))).toEqual([])
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
    this.#asked.add(difference)
    return this.storage.differences?.includes(difference) === true
  }

  /**
   * Must be called first in a test that fails if the storage has one of these differences. If the storage is known to
   * have it, the test must fail, which keeps the list of differences true. Otherwise a failure names the difference
   * that it would be.
   */
  mayDiffer({ task, onTestFailed }: TestContext, ...differences: readonly S3Difference[]): void {
    const differs = differences.filter((difference) => this.differs(difference)).length > 0
    // Like `test.fails`, which would have to know before the storage has started. Vitest reads this after the test.
    const outcome: { fails?: boolean } = task
    outcome.fails = differs
    if (differs) return
    onTestFailed(() => {
      console.error(
        `${this.name}, ${task.name}: a storage that does so differs by ${differences.join(' or ')}`,
      )
    })
  }
}

export function md5(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** The text that all published check values of checksums belong to. */
export const checkText = '123456789'

/** The minimum size of every part but the last on S3. */
export const minimumPart = 5 * 1024 * 1024

/** The checksums of the check text. */
export const checksums = [
  { algorithm: 'crc32', value: 'y/Q5Jg==' },
  { algorithm: 'crc32c', value: '4waSgw==' },
  { algorithm: 'crc64nvme', value: 'rosUhgp5mIg=' },
  { algorithm: 'sha1', value: '98O8HYCOBHMq32eZZczDTKeuNEE=' },
  { algorithm: 'sha256', value: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=' },
] as const
