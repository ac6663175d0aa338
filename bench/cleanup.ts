/** Undoes what was started or written when the process ends, however it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

const undos = new Set<() => void>()

/** Call once, before anything is started. */
export function cleanUpAtExit(): void {
  process.on('exit', undoAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Handled more than once: a terminal's Ctrl-C also comes from the parent process, and must not end the clean-up.
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

/**
 * @param undo Synchronous, because nothing else runs any more when the process ends.
 * @returns Undoes it now, once.
 */
export function atExit(undo: () => void): () => void {
  undos.add(undo)
  return () => {
    if (undos.delete(undo)) undo()
  }
}

/** A folder that is removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-bench-'))
  atExit(() => removeFolder(folder))
  return folder
}

/** A process that was just killed may still be about to write its last file. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** In reverse order, because what was started last uses what was there before. */
function undoAll(): void {
  for (const undo of [...undos].reverse()) {
    undos.delete(undo)
    undo()
  }
}
