/** Starts child processes. Each leads a process group, so that everything it started can be ended with it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { atExit } from './cleanup.ts'

export type Group = {
  /** The id of the leader and of the group. */
  readonly pid: number
  readonly process: ChildProcess
  /** Ends the whole group at once. */
  kill(): void
}

export function startGroup(command: string, parameters: readonly string[], options: SpawnOptions): Group {
  // Detached, so that Ctrl-C in a terminal reaches only this process, which decides the order in which things end.
  const child = spawn(command, [...parameters], { ...options, detached: true })
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} cannot be started`)
  const kill = atExit(() => killGroup(pid))
  return { pid, process: child, kill }
}

/** Starts a Node script, and waits for its first line, which is JSON. */
export async function startScript(
  script: string,
  parameters: readonly string[],
): Promise<{ readonly said: unknown; readonly group: Group }> {
  const group = startGroup(process.execPath, [script, ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdout } = group.process
  if (stdout === null) throw new Error('a script has no standard output')
  const lines = createInterface({ input: stdout })
  const [line] = await Promise.race([once(lines, 'line'), once(group.process, 'exit')])
  if (typeof line !== 'string') throw new Error(`${script} ended before it was ready`)
  return { said: JSON.parse(line), group }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
