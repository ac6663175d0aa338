/**
 * Which check catches which fault, with the engine, a store that changes bytes, and real bytes. docs/integrity.md has
 * the table.
 */
import { readFileSync } from 'node:fs'
import { CompleteMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import type { FaultRule } from '../demo/server/store/object-store.ts'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { makers } from '../src/hashing/all-digests.ts'
import { digestBlob } from '../src/hashing/digest.ts'
import { streamed } from '../src/hashing/read-blob.ts'
import type { Backend, Hasher, PartTarget, PartTransport, WholeFile } from '../src/ports.ts'
import { Uploader, type UploaderOptions } from '../src/uploader.ts'
import type { S3User } from './contracts/s3/s3-user.ts'
import { FakeConnectivity } from './fakes/connectivity.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { startStore, userOf } from './store/started-store.ts'

type Session = { readonly key: string; readonly uploadId: string }

const partSize = 1000
const key = 'file.bin'

/** A server that signs with S3's own tools. */
class S3Backend implements Backend<Session> {
  readonly name = 's3'
  readonly limits = { minPartSize: 1, maxPartSize: 1e9, maxParts: 10_000, maxBatch: 10 }
  readonly #user: S3User
  readonly #digest: PartTarget['digest']
  readonly #whole: 'crc32c' | undefined

  constructor(user: S3User, digest: PartTarget['digest'], whole: 'crc32c' | undefined) {
    this.#user = user
    this.#digest = digest
    this.#whole = whole
  }

  wholeChecksum(): 'crc32c' | undefined {
    return this.#whole
  }

  async open() {
    const checksum = { ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' } as const
    const uploadId = await this.#user.create(key, this.#whole === undefined ? {} : checksum)
    return { session: { key, uploadId }, partSize }
  }

  async sign({ uploadId }: Session, parts: readonly { readonly number: number }[]): Promise<PartTarget[]> {
    const digest = this.#digest && { digest: this.#digest }
    const sign = (number: number): Promise<string> =>
      this.#user.presign(
        new UploadPartCommand({
          Bucket: this.#user.bucket,
          Key: key,
          UploadId: uploadId,
          PartNumber: number,
        }),
      )
    return Promise.all(
      parts.map(async ({ number }) => ({
        number,
        url: await sign(number),
        method: 'PUT' as const,
        headers: {},
        validFor: undefined,
        ...digest,
      })),
    )
  }

  async complete(
    { uploadId }: Session,
    receipts: readonly { readonly number: number; readonly etag: string }[],
    { checksums: { crc32c } }: WholeFile,
  ): Promise<{ key: string }> {
    const Parts = receipts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
    const checksum = this.#whole &&
      crc32c !== undefined && {
        ChecksumCRC32C: Buffer.from(crc32c, 'hex').toString('base64'),
        ChecksumType: 'FULL_OBJECT' as const,
      }
    const upload = { Bucket: this.#user.bucket, Key: key, UploadId: uploadId }
    await this.#user.s3.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...checksum }),
    )
    return { key }
  }
}

const transport: PartTransport = {
  async send({ url, headers }, body, { signal }) {
    const response = await fetch(url, { method: 'PUT', headers, body, signal })
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  },
}

/** Does what the workers do, in this process. */
const hasher: Hasher = {
  async digest(blob, algorithm) {
    const digests = await digestBlob(
      { blob, algorithms: [algorithm] },
      { makers, source: streamed, onProgress: () => {} },
    )
    return digests[algorithm] ?? ''
  },
}

type Check = {
  readonly digest?: PartTarget['digest']
  readonly whole?: 'crc32c'
  readonly options?: Partial<UploaderOptions>
  /** The application reads the object back and compares. */
  readonly readsBack?: true
}

const checks: Readonly<Record<string, Check>> = {
  'none of them': { options: { verify: 'none' } },
  "`verify: 'etag'`": { options: { verify: 'etag' } },
  'a `Content-MD5` for each part': { digest: { header: 'Content-MD5', algorithm: 'md5' } },
  'the whole checksum given to `complete`': { whole: 'crc32c' },
  '`checksum`, compared with what is read back': { options: { checksum: 'crc32c' }, readsBack: true },
}

const onPart = { operation: 'UploadPart', partNumber: 2, times: 1 } as const
const faults: Readonly<Record<string, FaultRule>> = {
  'a bit flips on the way': { ...onPart, effect: { kind: 'corrupt-on-the-way' } },
  'a bit flips in the storage': { ...onPart, effect: { kind: 'corrupt', how: 'flip-bit' } },
  'the storage truncates a part': { ...onPart, effect: { kind: 'corrupt', how: 'truncate' } },
  'the storage swaps two parts': {
    operation: 'CompleteMultipartUpload',
    effect: { kind: 'swap-parts', numbers: [1, 2] },
  },
}

/**
 * `mended`: the object is the file. `refused`: the upload failed. `seen`: done, and known to be wrong. `missed`: none
 * of them.
 */
type Verdict = 'mended' | 'refused' | 'seen' | 'missed'

async function verdict({ digest, whole, options, readsBack }: Check, fault: FaultRule): Promise<Verdict> {
  const store = await startStore()
  const user = userOf(store)
  store.faults.add(fault)
  const uploader = new Uploader({
    backend: new S3Backend(user, digest, whole),
    checkpoints: memoryCheckpoints(),
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    retry: { baseDelay: 0, attempts: 3 },
    verify: 'none',
    hasher,
    transport,
    ...options,
  })
  const content = Uint8Array.from({ length: 2_500 }, (_, index) => (index * 7 + (index >> 8)) % 256)
  const upload = uploader.uploadFile(new File([content], key))
  const checksums = await upload.then(
    (result) => result.checksums,
    () => undefined,
  )
  if (checksums === undefined) return 'refused'
  const stored = await user.read(key)
  if (stored.equals(content)) return 'mended'
  const isSeen =
    readsBack &&
    checksums.crc32c !== (await hasher.digest(new Blob([new Uint8Array(stored)]), 'crc32c', never))
  return isSeen ? 'seen' : 'missed'
}

const never = { signal: new AbortController().signal }

/** The table in the documentation: for each check, what it does about each fault. */
function documented(): Readonly<Record<string, readonly string[]>> {
  const text = readFileSync(new URL('../docs/integrity.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| check'))
  return Object.fromEntries(
    rows.map((row) => {
      const [check = '', ...verdicts] = row.slice(2, -2).split(' | ')
      return [check, verdicts]
    }),
  )
}

describe('a storage that changes bytes', () => {
  test.each(Object.entries(checks))('is caught as docs/integrity.md says with %s', async (name, check) => {
    const verdicts: Verdict[] = []
    for (const fault of Object.values(faults)) verdicts.push(await verdict(check, fault))
    expect(verdicts).toEqual(documented()[name])
  })

  test('has a column for each of its faults in docs/integrity.md', () => {
    const text = readFileSync(new URL('../docs/integrity.md', import.meta.url), 'utf8')
    expect(text).toContain(`| check | ${Object.keys(faults).join(' | ')} |`)
  })
})
