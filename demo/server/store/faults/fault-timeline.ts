/** What a fault does before a request is handled, and to its answer. `faultyBody` has what it does to the body. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Exchange } from '../exchange.ts'
import { S3Error } from '../protocol/s3-error.ts'
import { errorDocument } from '../protocol/xml.ts'
import { expired } from '../signature/signature-verifier.ts'
import type { FaultEffect } from './fault-rule.ts'

const usualCodes: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NoSuchUpload',
  408: 'RequestTimeout',
  429: 'TooManyRequests',
  503: 'SlowDown',
}

/** @returns An answer, if the fault gives one. Throws if the fault answers with an error. */
export async function faultBefore(exchange: Exchange, now: number): Promise<Answer | undefined> {
  const { effect, gone } = exchange
  switch (effect?.kind) {
    case 'delay':
      await sleep(effect.milliseconds, undefined, { signal: gone })
      return undefined
    case 'expired':
      throw expired(now, now - 2000, 1)
    case 'status':
      if (effect.when === 'after-body') await readToEnd(exchange)
      throw statusError(effect)
    case 'error-in-200':
      await readToEnd(exchange)
      return {
        status: 200,
        headers: { 'Content-Type': 'application/xml' },
        body: errorBody(exchange, effect.code),
      }
    case 'cut':
    case 'stall':
      if (!hasBody(exchange)) await cutOrStall(exchange, effect.kind)
      return undefined
    default:
      return undefined
  }
}

export function faultAfter(answer: Answer, effect: FaultEffect | undefined): Answer {
  if (effect?.kind !== 'hide-etag') return answer
  const headers = Object.entries(answer.headers ?? {}).filter(([name]) => name !== 'ETag')
  return {
    ...answer,
    headers: Object.fromEntries(headers),
    ...(answer.body !== undefined && { body: answer.body.replace(/<ETag>.*?<\/ETag>/g, '<ETag></ETag>') }),
  }
}

/** Never resolves. */
export function untilGone(gone: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (gone.aborted) return reject(gone.reason)
    gone.addEventListener('abort', () => reject(gone.reason), { once: true })
  })
}

function hasBody({ request }: Exchange): boolean {
  return Number(request.headers['content-length'] ?? 0) > 0
}

function cutOrStall({ message, gone }: Exchange, kind: 'cut' | 'stall'): Promise<never> {
  if (kind === 'cut') message.socket.destroy()
  return untilGone(gone)
}

async function readToEnd({ message, received }: Exchange): Promise<void> {
  for await (const chunk of message) received.bytes += (chunk as Buffer).length
}

function statusError(effect: FaultEffect & { kind: 'status' }): S3Error {
  const code = effect.code ?? usualCodes[effect.status] ?? 'InternalError'
  return new S3Error({
    code,
    status: effect.status,
    message: 'Please reduce your request rate, or whatever else the test wants.',
    ...(effect.retryAfter !== undefined && { headers: { 'Retry-After': String(effect.retryAfter) } }),
  })
}

function errorBody({ request, requestId }: Exchange, code: string): string {
  const message = 'We encountered an internal error. Please try again.'
  return errorDocument(new S3Error({ code, status: 200, message }), request.path, requestId)
}
