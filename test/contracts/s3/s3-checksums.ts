import { CompleteMultipartUploadCommand, GetObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { describe, expect, test } from 'vitest'
import { checksums, checkText, minimumPart, type S3Suite } from './s3-suite.ts'

export function describeUploadChecksums(suite: S3Suite): void {
  describe(`${suite.name}: an upload with checksums`, () => {
    test('has them from its creation, or not at all', async (context) => {
      suite.mayDiffer(context, 'ignores-checksums', 'accepts-surprising-checksums')
      const Key = suite.newKey()
      const UploadId = await suite.user.create(Key)
      const input = {
        Bucket: suite.bucket,
        Key,
        UploadId,
        PartNumber: 1,
        Body: checkText,
        ChecksumCRC32C: '4waSgw==',
      }
      const part = suite.user.s3.send(new UploadPartCommand(input))
      // "Checksum Type mismatch occurred, expected checksum Type: null": aws-sdk-js-v3#6922
      await expect(part).rejects.toMatchObject({ name: 'InvalidRequest' })
    })

    test('is sent by the SDK with its default settings', async (context) => {
      suite.mayDiffer(context, 'ignores-checksums')
      const withDefaults = suite.newUser({ requestChecksumCalculation: 'WHEN_SUPPORTED' })
      const Key = suite.newKey()
      const UploadId = await suite.user.create(Key, { ChecksumAlgorithm: 'CRC32' })
      const part = await withDefaults.s3.send(
        new UploadPartCommand({ Bucket: suite.bucket, Key, UploadId, PartNumber: 1, Body: checkText }),
      )
      expect(part.ChecksumCRC32).toBe('y/Q5Jg==')
      const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }]
      const input = { Bucket: suite.bucket, Key, UploadId, MultipartUpload: { Parts } }
      await withDefaults.s3.send(new CompleteMultipartUploadCommand(input))
      const got = await withDefaults.s3.send(new GetObjectCommand({ Bucket: suite.bucket, Key }))
      expect(await got.Body?.transformToString()).toBe(checkText)
    })

    test.for(checksums)('refuses a part with another $algorithm', async ({ algorithm, value }, context) => {
      const differences = algorithm === 'crc64nvme' ? (['ignores-crc64nvme'] as const) : []
      suite.mayDiffer(context, 'ignores-checksums', ...differences)
      const key = suite.newKey()
      const name = `x-amz-checksum-${algorithm}`
      const uploadId = await suite.user.create(key, { ChecksumAlgorithm: upperCase(algorithm) })
      const send = (checksum: string) =>
        suite.user.putPartWithHeaders(key, uploadId, checkText, { [name]: checksum })
      const refused = await send(`AAAA${value.slice(4)}`)
      expect([refused.status, refused.element('Code')]).toEqual([400, 'BadDigest'])
      expect(await suite.user.partNumbers(key, uploadId)).toEqual([])
      const stored = await send(value)
      expect(stored.status).toBe(200)
      expect(stored.headers[name]).toBe(value)
    })

    test('is not completed if the list has another checksum than the part', async (context) => {
      suite.mayDiffer(context, 'ignores-checksums', 'ignores-listed-checksums')
      const Key = suite.newKey()
      const UploadId = await suite.user.create(Key, { ChecksumAlgorithm: 'CRC32C' })
      const input = { Bucket: suite.bucket, Key, UploadId, PartNumber: 1, Body: checkText }
      const { ETag } = await suite.user.s3.send(
        new UploadPartCommand({ ...input, ChecksumCRC32C: '4waSgw==' }),
      )
      const wrong = suite.user.complete(Key, UploadId, [{ PartNumber: 1, ETag, ChecksumCRC32C: 'AAAAAA==' }])
      await expect(wrong).rejects.toMatchObject({ name: 'InvalidPart' })
      const completed = await suite.user.complete(Key, UploadId, [
        { PartNumber: 1, ETag, ChecksumCRC32C: '4waSgw==' },
      ])
      expect(completed.ChecksumCRC32C).toMatch(/^.{6}==-1$/)
    })

    test('is not completed with another checksum for the whole object', async (context) => {
      suite.mayDiffer(context, 'ignores-checksums')
      const Key = suite.newKey()
      const UploadId = await suite.user.create(Key, {
        ChecksumAlgorithm: 'CRC32C',
        ChecksumType: 'FULL_OBJECT',
      })
      const body = Buffer.concat([Buffer.alloc(minimumPart), Buffer.from(checkText)])
      const parts = [
        await suite.user.putPart(Key, UploadId, 1, body.subarray(0, minimumPart)),
        await suite.user.putPart(Key, UploadId, 2, body.subarray(minimumPart)),
      ]
      const completeWith = (checksum: string) =>
        suite.user.s3.send(
          new CompleteMultipartUploadCommand({
            Bucket: suite.bucket,
            Key,
            UploadId,
            MultipartUpload: { Parts: parts },
            ChecksumCRC32C: checksum,
            ChecksumType: 'FULL_OBJECT',
          }),
        )
      await expect(completeWith('AAAAAA==')).rejects.toMatchObject({ name: 'BadDigest' })
      const completed = await completeWith(crc32c(body).toString('base64'))
      expect(completed.ChecksumType).toBe('FULL_OBJECT')
    })
  })
}

/** Bit by bit: slow, and unlikely to be wrong in the same way as the code under test. */
function crc32c(bytes: Uint8Array): Buffer {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  const result = Buffer.alloc(4)
  result.writeUInt32BE(~crc >>> 0)
  return result
}

function upperCase<Name extends string>(name: Name): Uppercase<Name> {
  return name.toUpperCase() as Uppercase<Name>
}
