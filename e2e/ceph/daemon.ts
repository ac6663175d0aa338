/** One of Ceph's programs, in the foreground as our child, so that we know when it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export type Daemon = {
  readonly name: string
  readonly pid: number
  /** Resolves when the program has ended, to how it ended. */
  readonly ended: Promise<string>
  isRunning(): boolean
}

/** @param log A file for its output. A pipe would keep its reader waiting. */
export function startDaemon(name: string, command: readonly string[], log: string): Daemon {
  const output = openSync(log, 'a')
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    stdio: ['ignore', output, output],
    // In a process group of its own, so that a Ctrl+C reaches only us and we end everything in order.
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  })
  closeSync(output)
  const ended = endOf(child)
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)))
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
  })
}

export type Patience = {
  /** Milliseconds between SIGTERM and SIGKILL. */
  readonly patience: number
}

export async function stopDaemon(daemon: Daemon, { patience }: Patience): Promise<void> {
  if (!daemon.isRunning()) return
  process.kill(daemon.pid, 'SIGTERM')
  const order = setTimeout(() => {
    if (daemon.isRunning()) process.kill(daemon.pid, 'SIGKILL')
  }, patience)
  await daemon.ended
  clearTimeout(order)
}
