import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The folder in which the store keeps everything:
 * ```
 * buckets/<bucket>/<SHA-256 of the key>.json   an object, and which files are its content
 * uploads/<upload id>/upload.json, parts.jsonl an unfinished upload, and its parts in order of arrival
 * content/<id>/<file>                          the bytes of an object or of an upload, one file per part
 * completed.jsonl                              the uploads that were completed
 * temporary/                                   what is being received, written or removed; emptied at the start
 * ```
 * An upload's content stays where it is when the upload becomes an object: completing writes one small file.
 *
 * Everything enters and leaves its place by a rename, so that a killed process leaves it there whole or not at all.
 * Nothing is flushed to the disk: data that survives the death of the process may not survive that of the machine.
 *
 * Small files are written synchronously, so that nothing can come between a check and the action that follows it.
 */
export class StoreDirectory {
  readonly buckets: string
  readonly uploads: string
  readonly contents: string
  readonly completed: string
  readonly #temporary: string
  readonly #removals = new Set<Promise<void>>()

  constructor(root: string) {
    this.buckets = join(root, 'buckets')
    this.uploads = join(root, 'uploads')
    this.contents = join(root, 'content')
    this.completed = join(root, 'completed.jsonl')
    this.#temporary = join(root, 'temporary')
  }

  /** Once, at the start: whatever is temporary was under way when the last process died. */
  prepare(): void {
    rmSync(this.#temporary, { recursive: true, force: true })
    for (const path of [this.buckets, this.uploads, this.contents, this.#temporary]) {
      mkdirSync(path, { recursive: true })
    }
  }

  bucket(name: string): string {
    return join(this.buckets, name)
  }

  object(bucket: string, key: string): string {
    return join(this.bucket(bucket), `${createHash('sha256').update(key).digest('hex')}.json`)
  }

  upload(id: string): string {
    return join(this.uploads, id)
  }

  uploadRecord(id: string): string {
    return join(this.upload(id), 'upload.json')
  }

  uploadParts(id: string): string {
    return join(this.upload(id), 'parts.jsonl')
  }

  content(id: string): string {
    return join(this.contents, id)
  }

  contentFile(id: string, file: string): string {
    return join(this.content(id), file)
  }

  temporaryFile(): string {
    return join(this.#temporary, randomUUID())
  }

  writeFile(path: string, text: string): void {
    const temporary = this.temporaryFile()
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  }

  /** Leaves its place at once. Its bytes are removed some time later. */
  remove(path: string): void {
    const temporary = this.temporaryFile()
    if (!renameIfThere(path, temporary)) return
    const removal = rm(temporary, { recursive: true, force: true }).finally(() =>
      this.#removals.delete(removal),
    )
    this.#removals.add(removal)
  }

  /** Resolves when everything that was removed is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals)
  }
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
