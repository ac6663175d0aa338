/** Files of random bytes on disk, and their SHA-256. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'

export const mebibyte = 1024 * 1024

export type DiskFile = { readonly path: string; readonly size: number; readonly sha256: string }

export async function writeRandom(path: string, size: number): Promise<DiskFile> {
  await pipeline(randomChunks(size), createWriteStream(path))
  return { path, size, sha256: await sha256(createReadStream(path)) }
}

/** Two files in two folders that differ only in their content. */
export async function writeLookalikes(folder: string, size: number): Promise<readonly [DiskFile, DiskFile]> {
  const write = async (name: string): Promise<DiskFile> => {
    mkdirSync(join(folder, name), { recursive: true })
    const file = await writeRandom(join(folder, name, 'A0001.WAV'), size)
    utimesSync(file.path, 1_700_000_000, 1_700_000_000)
    return file
  }
  return [await write('one'), await write('two')]
}

/** Reads the object back. */
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
