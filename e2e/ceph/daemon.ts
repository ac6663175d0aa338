/** One of Ceph's programs, in the foreground and as a child of ours, so that we know when it has ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

export type Daemon = {
  readonly name: string
  readonly pid: number
  /** Resolves when it has ended, to how. */
  readonly ended: Promise<string>
  isRunning(): boolean
}

/** @param log A file to which it writes; a pipe would keep whoever reads it waiting. */
export function startDaemon(name: string, command: readonly string[], log: string): Daemon {
  const output = openSync(log, 'a')
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, {
    stdio: ['ignore', output, output],
    // In a group of its own: a Ctrl+C in the terminal is ours to answer, in the order that it takes.
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
  /** Milliseconds between the request to end and the order to. */
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
