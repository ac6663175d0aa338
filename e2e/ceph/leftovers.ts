/** Cleans up after a run that was killed, which leaves processes and a directory. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const directoryPrefix = 'longhaul-ceph-'
const processesFile = 'processes.json'

type Processes = {
  /** The process that started the others, with its start time, since process ids are reused. */
  readonly owner: { readonly pid: number; readonly started: string }
  readonly pids: readonly number[]
}

export function noteProcesses(directory: string, pids: readonly number[]): void {
  const owner = { pid: process.pid, started: startOf(process.pid) }
  writeFileSync(join(directory, processesFile), JSON.stringify({ owner, pids } satisfies Processes))
}

/**
 * Ends processes whose owner is gone, and removes their data. Leaves alone a run that is under way.
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
  // Ends only processes that were started with this directory, since another may have the id by now.
  const name = directory.slice(directory.lastIndexOf('/') + 1)
  for (const pid of pids) if (read(`/proc/${pid}/cmdline`).includes(name)) process.kill(pid, 'SIGKILL')
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  return true
}

function processesOf(directory: string): Processes {
  const text = read(join(directory, processesFile))
  return text === '' ? { owner: { pid: 0, started: '' }, pids: [] } : JSON.parse(text)
}

/** The start time in ticks since boot, field 22 of proc_pid_stat(5), or '' if there is no such process. */
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
