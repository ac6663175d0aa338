import { readdirSync } from 'node:fs'
import type { Objects } from './objects.ts'
import type { StoreDirectory } from './store-directory.ts'
import type { Uploads } from './uploads.ts'

/** At the start: removes content that a killed process put in its place and that no record mentions. */
export function sweep(directory: StoreDirectory, objects: Objects, uploads: Uploads): void {
  const known = new Map<string, ReadonlySet<string | undefined>>()
  for (const { contentId, pieces } of objects.all()) known.set(contentId, filesOf(pieces))
  for (const { record, parts } of uploads.all()) known.set(record.id, filesOf([...parts.values()]))
  for (const id of readdirSync(directory.contents)) {
    const files = known.get(id)
    if (files === undefined) directory.remove(directory.content(id))
    else removeOthers(directory, id, files)
  }
}

function filesOf(pieces: readonly { readonly file?: string }[]): ReadonlySet<string | undefined> {
  return new Set(pieces.map(({ file }) => file))
}

function removeOthers(directory: StoreDirectory, id: string, files: ReadonlySet<string | undefined>): void {
  const others = readdirSync(directory.content(id)).filter((file) => !files.has(file))
  for (const file of others) directory.remove(directory.contentFile(id, file))
}
