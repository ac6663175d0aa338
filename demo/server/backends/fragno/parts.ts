/** The routes for the parts of a multipart upload. */
import { expected, readList, readObject, readWhole } from '../contract.ts'
import { readEtag } from '../contract-values.ts'
import { type Place, signPart } from '../s3.ts'
import { seconds } from './storage.ts'
import { countParts, noteProgress, type RecordedPart, sizeOfPart, type Upload } from './upload.ts'

type Listed = Pick<RecordedPart, 'partNumber' | 'etag'>

export function readPartNumbers(body: unknown, upload: Upload): readonly number[] {
  const { partNumbers } = readObject(body, 'the body', ['partNumbers'])
  return readList(partNumbers, 'partNumbers', (item, name) => readNumber(item, name, upload))
}

export async function signParts(
  place: Place,
  upload: Upload,
  numbers: readonly number[],
  lifetime: number,
): Promise<readonly { readonly partNumber: number; readonly url: string }[]> {
  const storage = { key: upload.objectKey, uploadId: upload.storageUploadId }
  const sign = async (partNumber: number) => ({
    partNumber,
    url: await signPart(place, storage, partNumber, seconds(lifetime)),
  })
  return Promise.all(numbers.map(sign))
}

/** The first ETag recorded for a part stays. */
export function recordParts(upload: Upload, body: unknown): void {
  const { parts } = readObject(body, 'the body', ['parts'])
  const read = readList(parts, 'parts', (item, name) => readRecord(item, name, upload))
  for (const part of read)
    if (!upload.recorded.has(part.partNumber)) upload.recorded.set(part.partNumber, part)
  const recorded = [...upload.recorded.values()]
  const bytes = recorded.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  noteProgress(upload, bytes, recorded.length)
}

function readRecord(item: unknown, name: string, upload: Upload): RecordedPart {
  const part = readObject(item, name, ['partNumber', 'etag', 'sizeBytes'])
  const partNumber = readNumber(part['partNumber'], `${name}.partNumber`, upload)
  const etag = readEtag(part['etag'], `${name}.etag`)
  const sizeBytes = sizeOfPart(upload, partNumber)
  if (part['sizeBytes'] === sizeBytes) return { partNumber, etag, sizeBytes, createdAt: new Date() }
  throw expected(`${name}.sizeBytes`, `${sizeBytes}, as part ${partNumber} has`, part['sizeBytes'])
}

/** In any order, but each part once. @returns The parts as S3 wants them. */
export function readCompletion(body: unknown, upload: Upload): readonly Listed[] {
  const { parts } = readObject(body, 'the body', ['parts'])
  if (parts === undefined || (Array.isArray(parts) && parts.length === 0)) return []
  const seen = new Set<number>()
  const read = readList(parts, 'parts', (item, name) => {
    const part = readObject(item, name, ['partNumber', 'etag'])
    const partNumber = readNumber(part['partNumber'], `${name}.partNumber`, upload)
    if (seen.has(partNumber))
      throw expected(`${name}.partNumber`, 'a part that is not listed yet', partNumber)
    seen.add(partNumber)
    return { partNumber, etag: readEtag(part['etag'], `${name}.etag`) }
  })
  return read.toSorted((one, other) => one.partNumber - other.partNumber)
}

function readNumber(value: unknown, name: string, upload: Upload): number {
  return readWhole(value, name, { from: 1, to: countParts(upload) })
}
