/** Files of random bytes on disk, and what they are told by. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'

export const mebibyte = 1024 * 1024

export type DiskFile = { readonly path: string; readonly size: number; readonly sha256: string }

export async function writeRandom(path: string, size: number): Promise<DiskFile> {
  await pipeline(randomChunks(size), createWriteStream(path))
  return { path, size, sha256: await sha256(createReadStream(path)) }
}

/** Of the object's bytes, read back. */
export async function objectSha256(s3: S3Client, bucket: string, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  if (!(Body instanceof Readable)) throw new Error(`no body of ${key}`)
  return sha256(Body)
}

async function sha256(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk)
  return hash.digest('hex')
}

function* randomChunks(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= mebibyte) yield randomBytes(Math.min(left, mebibyte))
}
