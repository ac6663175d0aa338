import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Exchange } from '../exchange.ts'
import { faultyBody } from '../faults/faulty-body.ts'
import { s3Error } from '../protocol/s3-error.ts'
import { checkExpectations, payloadExpectations } from './body-expectations.ts'

/** 10,000 parts with a checksum each take 2 MB. */
const largest = 8 * 1024 * 1024

/** A body that the store itself reads. */
export async function receiveText(exchange: Exchange): Promise<string> {
  const length = exchange.request.headers['content-length']
  if (length === undefined) throw s3Error('MissingContentLength')
  if (Number(length) > largest) throw s3Error('MaxMessageLengthExceeded')
  const expectations = payloadExpectations(exchange.request)
  const text = await buffer(faultyBody(exchange))
  exchange.received.bytes = text.length
  const digests = (['md5', 'sha256'] as const).map(
    (algorithm) => [algorithm, createHash(algorithm).update(text).digest()] as const,
  )
  checkExpectations(expectations, new Map(digests))
  return text.toString()
}
