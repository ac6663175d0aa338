/**
 * The ways in which storages differ from S3. If a storage is known to differ, the tests that show it must fail
 * (`S3Suite.mayDiffer`), so this list and the table of docs/stores.md state what the suite has found.
 */
export const s3Differences = {
  'ignores-checksums': '`x-amz-checksum-*` is not verified at all',
  'ignores-bare-checksums':
    '`x-amz-checksum-*` of an object is verified only beside `x-amz-sdk-checksum-algorithm`',
  'ignores-crc64nvme': '`x-amz-checksum-crc64nvme` of a part is verified only beside that, too',
  'ignores-listed-checksums': 'checksums of parts in the list for Complete are not compared',
  'accepts-surprising-checksums': 'a part may have a checksum where its upload was created without one',
  'accepts-unknown-length': 'a body without a `Content-Length` is taken',
  'refuses-trailers': "the AWS SDK's own framing, with a checksum behind the body, is refused",
  'accepts-unsigned-headers': '`x-amz-` headers that were not signed are taken',
  'refuses-unsigned-content-type': 'a `Content-Type` that was not signed is answered 403',
  'accepts-two-signatures': 'an `Authorization` header beside a presigned URL does not disturb',
  'accepts-part-0': 'there is a part 0',
  'accepts-part-10001': 'there is a part 10,001',
  'ignores-part-order': 'Complete takes the parts in any order',
  'refuses-part-subsets': 'Complete has to name all parts that were uploaded',
  'empty-etag-on-complete': "Complete answers an empty ETag (the object's own, in HEAD and GET, is right)",
  'bare-etag-on-repeat': 'Complete, asked again, answers the ETag without its quotes',
  'lost-is-no-such-key': 'the parts of an upload that is no more are `NoSuchKey`, not `NoSuchUpload`',
  'fails-on-completing-lost': 'Complete of an upload that is no more is answered 500, `InternalError`',
  'no-cors-on-errors': 'a page cannot read that its upload is no more: no CORS headers',
  'no-cors-on-expired': 'a page cannot read that its URL has expired: no CORS headers on the 403',
  'refuses-preflight-of-expired': 'the preflight of a URL that has expired is answered 403',
} as const satisfies Readonly<Record<string, string>>

export type S3Difference = keyof typeof s3Differences

type KnownStore = { readonly name: string; readonly differences: readonly S3Difference[] }

/** Keyed by the names that S3_DIFFERENCES accepts. The embedded store has no differences. */
export const knownStores = {
  'rgw-16': {
    name: 'Ceph RGW 16.2',
    differences: [
      'ignores-checksums',
      'refuses-trailers',
      'accepts-unsigned-headers',
      'accepts-part-0',
      'accepts-part-10001',
      'ignores-part-order',
      'refuses-part-subsets',
      'empty-etag-on-complete',
      'bare-etag-on-repeat',
      'lost-is-no-such-key',
      'fails-on-completing-lost',
      'no-cors-on-expired',
      'refuses-preflight-of-expired',
    ],
  },
  'rgw-20': {
    name: 'Ceph RGW 20.2',
    differences: [
      'ignores-bare-checksums',
      'ignores-crc64nvme',
      'ignores-listed-checksums',
      'accepts-surprising-checksums',
      'accepts-unknown-length',
      'refuses-unsigned-content-type',
      'accepts-part-0',
      'accepts-part-10001',
      'ignores-part-order',
      'refuses-part-subsets',
      'lost-is-no-such-key',
      'fails-on-completing-lost',
      'no-cors-on-expired',
      'refuses-preflight-of-expired',
    ],
  },
} as const satisfies Readonly<Record<string, KnownStore>>

/** As in docs/stores.md. */
export function differencesTable(): string {
  const stores = Object.values(knownStores)
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const rows = Object.entries(s3Differences).flatMap(([difference, what]) => {
    const marks = stores.map(({ differences }) => (differences as readonly string[]).includes(difference))
    if (!marks.includes(true)) return []
    return [row([`${what} (\`${difference}\`)`, '–', ...marks.map((differs) => (differs ? 'so' : '–'))])]
  })
  const head = ['other than S3', 'embedded', ...stores.map(({ name }) => name)]
  return [row(head), `|${'---|'.repeat(head.length)}\n`, ...rows].join('')
}
