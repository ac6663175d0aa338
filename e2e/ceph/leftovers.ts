/** What a run that was killed has left: processes and a directory. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const directoryPrefix = 'longhaul-ceph-'
const processesFile = 'processes.json'

type Processes = {
  /** Who has started the others, and when that was started itself: numbers are given again. */
  readonly owner: { readonly pid: number; readonly started: string }
  readonly pids: readonly number[]
}

export function noteProcesses(directory: string, pids: readonly number[]): void {
  const owner = { pid: process.pid, started: startOf(process.pid) }
  writeFileSync(join(directory, processesFile), JSON.stringify({ owner, pids } satisfies Processes))
}

/**
 * Ends what runs without the process that has started it, and removes its data. A run that is under way is left alone.
 *
 * @returns The directories that were left.
 */
export function clearLeftovers(parent: string): readonly string[] {
  if (!existsSync(parent)) return []
  const directories = readdirSync(parent)
    .filter((name) => name.startsWith(directoryPrefix))
    .map((name) => join(parent, name))
  return directories.filter((directory) => clear(directory))
}

function clear(directory: string): boolean {
  const { owner, pids } = processesOf(directory)
  if (owner.started !== '' && startOf(owner.pid) === owner.started) return false
  // Only what was started with this directory is ended, whatever else has its number by now.
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  for (const pid of pids) if (read(`/proc/${pid}/cmdline`).includes(name)) process.kill(pid, 'SIGKILL')
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  return true
}

function processesOf(directory: string): Processes {
  const text = read(join(directory, processesFile))
  return text === '' ? { owner: { pid: 0, started: '' }, pids: [] } : JSON.parse(text)
}

/** In ticks since the machine's start, field 22 of proc_pid_stat(5); '' where there is no such process. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
