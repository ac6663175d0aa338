import { createHash } from 'node:crypto'
import type { Exchange } from '../exchange.ts'
import { faultyBody } from '../faults/faulty-body.ts'
import { s3Error } from '../protocol/s3-error.ts'
import { checkExpectations, payloadExpectations } from './body-expectations.ts'

/** 10,000 parts with a checksum each take 2 MB. */
const largest = 8 * 1024 * 1024

/** A body that the store itself is to read. */
export async function receiveText(exchange: Exchange): Promise<string> {
  const expectations = payloadExpectations(exchange.request)
  const chunks: Buffer[] = []
  for await (const chunk of faultyBody(exchange)) {
    exchange.received.bytes += chunk.length
    if (exchange.received.bytes > largest) throw s3Error('MaxMessageLengthExceeded')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks)
  const digests = (['md5', 'sha256'] as const).map(
    (algorithm) => [algorithm, createHash(algorithm).update(text).digest()] as const,
  )
  checkExpectations(expectations, new Map(digests))
  return text.toString()
}
