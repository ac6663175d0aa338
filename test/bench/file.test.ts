import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MultipartEtag, makeFile } from '../../bench/file.ts'

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest()

function expectedEtag(parts: readonly Uint8Array[]): string {
  return `${md5(Buffer.concat(parts.map(md5))).toString('hex')}-${parts.length}`
}

test.each([1, 3, 4, 10])(
  "the ETag is the MD5 of the parts' MD5s, even if the bytes come in pieces of %i",
  (step) => {
    const bytes = Buffer.from('0123456789')
    const etag = new MultipartEtag(4)
    for (let offset = 0; offset < 10; offset += step) etag.update(bytes.subarray(offset, offset + step))
    expect(etag.digest()).toBe(expectedEtag([bytes.subarray(0, 4), bytes.subarray(4, 8), bytes.subarray(8)]))
  },
)

test('a file that ends with a whole part has no empty part after it', () => {
  const etag = new MultipartEtag(2)
  etag.update(Buffer.from('abcd'))
  expect(etag.digest()).toBe(expectedEtag([Buffer.from('ab'), Buffer.from('cd')]))
})

test('the file on the disk equals the one that is described', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-bench-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [size, partSize] = [9 * 1024 ** 2 + 1, 5 * 1024 ** 2]
  const path = join(folder, 'file.bin')
  const file = await makeFile(path, size, partSize)
  const bytes = await readFile(path)
  expect(bytes.length).toBe(size)
  expect(file).toEqual({
    path,
    size,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    etag: expectedEtag([bytes.subarray(0, partSize), bytes.subarray(partSize)]),
    md5: md5(bytes).toString('hex'),
  })
})
