/**
 * The file of an upload that goes on with the handle that the library has kept. The page needs it to compare the bytes.
 */
import { type Checkpoint, type InterruptedUpload, indexedDbCheckpoints } from 'longhaul'

/** @returns `undefined` if there is no handle. The file can be read once the user has allowed it. */
export async function leftFile({
  identity,
  startedAt,
}: InterruptedUpload): Promise<(() => Promise<File>) | undefined> {
  const stored = await indexedDbCheckpoints().list()
  const checkpoints = stored.map(({ checkpoint }) => checkpoint as Partial<Checkpoint>)
  const found = checkpoints.find(
    (one) => one.createdAt === startedAt && JSON.stringify(one.identity) === JSON.stringify(identity),
  )
  const handle = found?.handle
  return handle && (() => handle.getFile())
}
