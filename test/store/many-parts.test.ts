import { createHash } from 'node:crypto'
import { linkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ListPartsCommand } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { Objects } from '../../demo/server/store/storage/objects.ts'
import { StoreDirectory } from '../../demo/server/store/storage/store-directory.ts'
import { Uploads } from '../../demo/server/store/storage/uploads.ts'
import { bucket, startStore, temporaryDirectory, userOf } from './started-store.ts'

const count = 10_000

function bodyOf(number: number): string {
  return `part ${number % 10};`
}

/** An upload as a store leaves it, made without ten thousand requests: ten files have all the names. */
function prepareUpload(root: string): { id: string; parts: { PartNumber: number; ETag: string }[] } {
  const directory = new StoreDirectory(root)
  directory.prepare()
  for (let digit = 0; digit < 10; digit++) writeFileSync(join(root, String(digit)), bodyOf(digit))
  const objects = new Objects(directory)
  objects.createBucket(bucket)
  const uploads = new Uploads(directory, objects)
  const id = 'prepared'
  const upload = uploads.create({ id, bucket, key: 'key', initiated: 0, headers: {} })
  const parts = Array.from({ length: count }, (_, index) => {
    const number = index + 1
    const file = directory.temporaryFile()
    linkSync(join(root, String(number % 10)), file)
    const etag = createHash('md5').update(bodyOf(number)).digest('hex')
    const size = bodyOf(number).length
    uploads.addPart(upload, { number, size, etag, lastModified: 0 }, { file, size, etag, digests: new Map() })
    return { PartNumber: number, ETag: etag }
  })
  return { id, parts }
}

test('ten thousand parts are listed in pages of a thousand, and completed in about a second, since none is copied', async () => {
  const directory = await temporaryDirectory()
  const { id, parts } = prepareUpload(directory)
  const user = userOf(await startStore({ directory }))

  const input = { Bucket: bucket, Key: 'key', UploadId: id, MaxParts: 5000 }
  const last = { ...input, PartNumberMarker: '8999' }
  const [page, nextPage] = [
    await user.s3.send(new ListPartsCommand(input)),
    await user.s3.send(new ListPartsCommand(last)),
  ]
  expect([page.Parts?.length, page.IsTruncated, page.NextPartNumberMarker]).toEqual([1000, true, '1000'])
  expect([nextPage.Parts?.length, nextPage.IsTruncated, nextPage.NextPartNumberMarker]).toEqual([
    1000,
    true,
    '9999',
  ])
  expect(await user.partNumbers('key', id)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))

  const { ETag } = await user.complete('key', id, parts)
  expect(ETag).toMatch(/^"[0-9a-f]{32}-10000"$/)
  const whole = parts.map(({ PartNumber }) => bodyOf(PartNumber)).join('')
  expect(await user.readText('key', 'bytes=50000-50999')).toBe(whole.slice(50_000, 51_000))
  expect(await user.readText('key', 'bytes=-100')).toBe(whole.slice(-100))
}, 15_000)
