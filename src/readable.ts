/** Whether a file is still what was picked. */
import { FileUnreadableError } from './errors.ts'

/**
 * Rejects with `FileUnreadableError` where the last byte cannot be read. Of a file that has become shorter Firefox reads as far as
 * it goes, without an error.
 */
export async function requireByte(last: Blob, name: string): Promise<void> {
  const { byteLength } = await last.arrayBuffer().catch((cause: unknown) => {
    throw new FileUnreadableError(name, { cause })
  })
  if (byteLength === 0) throw new FileUnreadableError(name)
}
