/** Reads and writes parts, in requests and answers. */
import { readList, readObject, readWhole } from '../contract.ts'
import { readAnyList, readEtag } from '../contract-values.ts'
import { type Place, signPart } from '../s3.ts'
import type { NewtonSettings } from './settings.ts'
import { countParts, type NewtonPart, type NewtonUpload, storageNumber } from './upload.ts'

export type Token = readonly [number: number, token: string]

type Descriptor = Readonly<Record<string, unknown>>

export function describeParts(
  place: Place,
  upload: NewtonUpload,
  parts: readonly NewtonPart[],
  settings: NewtonSettings,
): Promise<readonly Descriptor[]> {
  return Promise.all(parts.map((part) => describePart(place, upload, part, settings)))
}

async function describePart(
  place: Place,
  upload: NewtonUpload,
  { number, offset, length }: NewtonPart,
  { urlLifetime, tellsExpiry }: NewtonSettings,
): Promise<Descriptor> {
  const storage = { key: upload.objectKey, uploadId: upload.storageUploadId }
  const expires_at = new Date(Date.now() + urlLifetime)
  const url = await signPart(place, storage, storageNumber(upload, number), Math.ceil(urlLifetime / 1_000))
  return { part_number: number, url, offset, length, ...(tellsExpiry && { expires_at }) }
}

/** In any order, and also more than once. */
export function readPartNumbers(body: unknown, upload: NewtonUpload): readonly number[] {
  const fields = readObject(body, 'the body', ['part_numbers'])
  return readList(fields['part_numbers'], 'part_numbers', (item, name) => readNumber(item, name, upload))
}

export function readCheckpoint(body: unknown, upload: NewtonUpload): readonly Token[] {
  const { parts } = readObject(body, 'the body', ['parts'])
  return readList(parts, 'parts', (item, name) => readToken(item, name, upload))
}

/** None is needed if each part has a checkpoint. */
export function readTokens(parts: unknown, upload: NewtonUpload): readonly Token[] {
  return readAnyList(parts, 'parts', (item, name) => readToken(item, name, upload))
}

function readToken(item: unknown, name: string, upload: NewtonUpload): Token {
  const part = readObject(item, name, ['part_number', 'part_token'])
  const number = readNumber(part['part_number'], `${name}.part_number`, upload)
  return [number, readEtag(part['part_token'], `${name}.part_token`)]
}

function readNumber(value: unknown, name: string, upload: NewtonUpload): number {
  const { firstPart } = upload
  return readWhole(value, name, { from: firstPart, to: firstPart + countParts(upload) - 1 })
}
