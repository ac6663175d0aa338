/** Files that come from the disk again. */
import { spawnSync } from 'node:child_process'

/**
 * Drops what the system keeps in memory of a file that has been written to the disk, so that the next read is one of the
 * disk: GNU dd asks for it by posix_fadvise.
 *
 * @returns Whether the system has such a dd.
 */
export function forgetFile(path: string): boolean {
  return spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' }).status === 0
}
