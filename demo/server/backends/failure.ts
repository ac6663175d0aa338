import { S3ServiceException } from '@aws-sdk/client-s3'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ContractError } from './contract.ts'

/**
 * Answers every failure as JSON: a client's mistake with 400, the storage's errors as they are, its silence with 502.
 */
export function answerFailure(error: Error, c: Context): Response {
  // Nobody is there any more to hear it.
  if (c.req.raw.signal.aborted) return new Response(null, { status: 499 })
  if (error instanceof ContractError) return c.json({ error: error.message, code: 'BadRequest' }, 400)
  if (error instanceof S3ServiceException)
    return c.json({ error: error.message || error.name, code: error.name }, statusOf(error))
  if (isNetworkError(error))
    return c.json({ error: `The storage cannot be reached: ${error.message}`, code: error.code }, 502)
  console.error(error)
  return c.json({ error: 'Something went wrong in the demo server', code: 'InternalError' }, 500)
}

/** S3 also fails with 200 (an error inside the answer to Complete), which a client must not take for success. */
function statusOf(error: S3ServiceException): ContentfulStatusCode {
  const status = error.$metadata.httpStatusCode ?? 502
  return (status < 400 ? 502 : status) as ContentfulStatusCode
}

export function isNetworkError(error: Error): error is Error & { readonly code: string } {
  return 'code' in error && typeof error.code === 'string' && /^E[A-Z_]+$/.test(error.code)
}
