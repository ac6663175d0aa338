/** GET /files */
import type { Context } from 'hono'
import { describeFile } from './answers.ts'
import type { Catalog, StoredFile } from './catalog.ts'
import { FragnoError } from './errors.ts'
import { readQuery } from './requests.ts'

const parameters = ['provider', 'prefix', 'cursor', 'pageSize', 'status', 'uploaderId'] as const

type Query = { readonly [Name in (typeof parameters)[number]]?: string | undefined }

const largestPage = 500

export function listFiles(catalog: Catalog, c: Context): Readonly<Record<string, unknown>> {
  const query: Query = readQuery(c, parameters)
  const size = readPageSize(query.pageSize ?? '25')
  const status = readStatus(query.status)
  const found = catalog
    .filesAfter(readCursor(query.cursor))
    .filter(([, file]) => matches(file, query) && (status === undefined || status === statusOf(file)))
  const page = found.slice(0, size)
  const hasNextPage = found.length > page.length
  const last = page.at(-1)?.[0] ?? ''
  return {
    files: page.map(([, file]) => describeFile(file)),
    ...(hasNextPage && { cursor: Buffer.from(last).toString('base64url') }),
    hasNextPage,
  }
}

function matches({ details }: StoredFile, { provider, prefix = '', uploaderId }: Query): boolean {
  return (
    (provider === undefined || details.provider === provider) &&
    (uploaderId === undefined || details.uploaderId === uploaderId) &&
    details.fileKey.startsWith(prefix)
  )
}

function statusOf({ deletedAt }: StoredFile): string {
  return deletedAt === null ? 'ready' : 'deleted'
}

function readPageSize(text: string): number {
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (size < 1 || size > largestPage)
    throw invalid('pageSize', `a whole number from 1 to ${largestPage}`, text)
  return size
}

function readStatus(text: string | undefined): string | undefined {
  if (text === undefined || text === 'ready' || text === 'deleted') return text
  throw invalid('status', 'ready or deleted', text)
}

function readCursor(text = ''): string {
  const cursor = Buffer.from(text, 'base64url').toString()
  if (Buffer.from(cursor).toString('base64url') === text) return cursor
  throw invalid('cursor', 'one that an answer had', text)
}

function invalid(name: string, expected: string, received: string): FragnoError {
  return new FragnoError('INVALID_REQUEST', `Expected \`${name}\` to be ${expected}, got "${received}"`)
}
