/** Makes the system read a file from the disk again. */
import { spawnSync } from 'node:child_process'

/**
 * Drops the system's cached pages of a file that has been written to the disk, so that the next read comes from the
 * disk. GNU dd does that with posix_fadvise.
 *
 * @returns Whether the system has such a dd.
 */
export function forgetFile(path: string): boolean {
  return spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' }).status === 0
}
