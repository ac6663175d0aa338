import { readList, readObject, readText } from '../contract.ts'

export type Metadata = Readonly<Record<string, unknown>>

const texts = ['category', 'description', 'alt', 'relatedEntityId'] as const

/**
 * The document lists only the names. Here the tags are a list of texts, `custom` is any object, and the rest are texts.
 */
export function readMetadata(value: unknown): Metadata {
  const fields = readObject(value, 'metadata', ['tags', 'custom', ...texts])
  for (const name of texts) if (fields[name] !== undefined) readText(fields[name], `metadata.${name}`)
  if (fields['custom'] !== undefined) readObject(fields['custom'], 'metadata.custom')
  const { tags } = fields
  const none = Array.isArray(tags) && tags.length === 0
  if (tags !== undefined && !none) readList(tags, 'metadata.tags', readText)
  return fields
}
