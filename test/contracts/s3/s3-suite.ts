import { createHash, randomUUID } from 'node:crypto'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { afterAll, expect, type TestContext, test } from 'vitest'
import type { S3Difference } from './s3-differences.ts'
import { type S3Address, S3User } from './s3-user.ts'

/** The bucket exists, and answers pages of every origin. */
export type S3UnderTest = S3Address & { readonly differences?: readonly S3Difference[] }

/** What the parts of the suite are written with. */
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

  /** Called last: what is said of the storage and shown by no test is not said. */
  describeDifferences(): void {
    test(`${this.name}: differs in nothing that no test shows`, () => {
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
   * Called first in a test that fails where the storage differs so. Where it is known to, the test has to fail: what is
   * said of a storage is then as true as everything else. Where it is not known to, a failure says what it would be.
   */
  mayDiffer({ task, onTestFailed }: TestContext, ...differences: readonly S3Difference[]): void {
    const differs = differences.filter((difference) => this.differs(difference)).length > 0
    // As `test.fails` does it, which has to know before the storage is there. Read when the test has ended.
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

/** What published checksums of all kinds are those of. */
export const checkText = '123456789'

/** What S3 wants of every part but the last. */
export const minimumPart = 5 * 1024 * 1024

/** Those of the check text. */
export const checksums = [
  { algorithm: 'crc32', value: 'y/Q5Jg==' },
  { algorithm: 'crc32c', value: '4waSgw==' },
  { algorithm: 'crc64nvme', value: 'rosUhgp5mIg=' },
  { algorithm: 'sha1', value: '98O8HYCOBHMq32eZZczDTKeuNEE=' },
  { algorithm: 'sha256', value: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=' },
] as const
