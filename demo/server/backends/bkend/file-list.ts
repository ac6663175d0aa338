/** Lists the registered files by page, filter and order. */
import { readObject, readWhole } from '../contract.ts'
import { readChoice } from '../read-choice.ts'
import { buckets, optional, visibilities } from './file-fields.ts'
import type { FileRecord } from './file-records.ts'

const sortable = ['createdAt', 'originalName', 'size', 'mimeType'] as const
const filters = ['visibility', 'ownerType', 'ownerId', 'bucket', 'mimeType'] as const
const known = ['page', 'limit', 'sortBy', 'sortDirection', 'search', ...filters]
/** The document has no upper limit. */
const largestPage = 100

export type ListQuery = {
  readonly page: number
  readonly limit: number
  readonly sortBy: (typeof sortable)[number] | undefined
  readonly sortDirection: 'asc' | 'desc'
  readonly filters: Readonly<Partial<Record<(typeof filters)[number], string>>>
  readonly search: string
}

export function readListQuery(query: Readonly<Record<string, string>>): ListQuery {
  const fields = readObject(query, 'the query', known)
  optional(fields['visibility'], (one) => readChoice(one, 'visibility', visibilities))
  optional(fields['bucket'], (one) => readChoice(one, 'bucket', buckets))
  optional(fields['ownerType'], (one) => readChoice(one, 'ownerType', ['user']))
  return {
    page: readCount(query['page'] ?? '1', 'page', Number.MAX_SAFE_INTEGER),
    limit: readCount(query['limit'] ?? '20', 'limit', largestPage),
    sortBy: optional(query['sortBy'], (one) => readChoice(one, 'sortBy', sortable)),
    sortDirection: readChoice(query['sortDirection'] ?? 'desc', 'sortDirection', ['asc', 'desc']),
    filters: Object.fromEntries(filters.flatMap((name) => (query[name] ? [[name, query[name]]] : []))),
    search: query['search'] ?? '',
  }
}

function readCount(text: string, name: string, to: number): number {
  return readWhole(/^\d+$/.test(text) ? Number(text) : text, name, { from: 1, to })
}

export function listed(files: readonly FileRecord[], query: ListQuery): object {
  const { page, limit } = query
  const found = sorted(
    files.filter((file) => fits(file, query)),
    query,
  )
  const totalPages = Math.ceil(found.length / limit)
  return {
    items: found.slice((page - 1) * limit, page * limit),
    pagination: {
      total: found.length,
      page,
      limit,
      totalPages,
      hasNextPage: page < totalPages,
      hasPrevPage: page > 1,
    },
  }
}

function fits(file: FileRecord, { filters: wanted, search }: ListQuery): boolean {
  if (!file.originalName.toLowerCase().includes(search.toLowerCase())) return false
  return filters.every((name) => wanted[name] === undefined || wanted[name] === file[name])
}

/** By default in order of registration, which is the order of the records. */
function sorted(files: readonly FileRecord[], { sortBy, sortDirection }: ListQuery): readonly FileRecord[] {
  const rising =
    sortBy === undefined ? files : files.toSorted((one, other) => order(one[sortBy], other[sortBy]))
  return sortDirection === 'asc' ? rising : rising.toReversed()
}

function order(one: string | number, other: string | number): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
