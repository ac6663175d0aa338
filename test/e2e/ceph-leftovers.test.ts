import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon, stopDaemon } from '../../e2e/ceph/daemon.ts'
import { clearLeftovers, directoryPrefix, noteProcesses } from '../../e2e/ceph/leftovers.ts'
import { atEnd, temporaryDirectory } from '../store/started-store.ts'

/** A process that does nothing, with this word in its command line. */
function sleeper(word: string): ChildProcess {
  const child = spawn('sh', ['-c', 'sleep 600 & wait; : "$0"', word], { stdio: 'ignore', detached: true })
  atEnd(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended already.
    }
  })
  return child
}

function endOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
}

/** The files of a run whose process was killed. */
async function leftBy(owner: { pid: number; started: string }, pids: readonly number[], name = 'left') {
  const parent = await temporaryDirectory()
  const directory = join(parent, `${directoryPrefix}${name}`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'processes.json'), JSON.stringify({ owner, pids }))
  return { parent, directory }
}

describe.runIf(process.platform === 'linux')('the leftovers of a Ceph run', () => {
  const dead = { pid: process.pid, started: '1' }

  test('are ended and removed', async () => {
    const daemon = sleeper(`${directoryPrefix}left/ceph.conf`)
    const ended = endOf(daemon)
    const { parent, directory } = await leftBy(dead, [daemon.pid ?? 0])
    expect(clearLeftovers(parent)).toEqual([directory])
    expect(await ended).toBe('SIGKILL')
    expect(existsSync(directory)).toBe(false)
  })

  test('do not include another process that now has the same number', async () => {
    const stranger = sleeper('something else')
    const daemon = sleeper(`${directoryPrefix}left/ceph.conf`)
    const ended = endOf(daemon)
    const { parent, directory } = await leftBy(dead, [stranger.pid ?? 0, daemon.pid ?? 0])
    expect(clearLeftovers(parent)).toEqual([directory])
    await ended
    expect(readFileSync(`/proc/${stranger.pid}/cmdline`, 'utf8')).toContain('something else')
  })

  test('do not include anything of a run that is under way', async () => {
    const parent = await temporaryDirectory()
    const directory = join(parent, `${directoryPrefix}running`)
    mkdirSync(directory)
    noteProcesses(directory, [])
    expect(clearLeftovers(parent)).toEqual([])
    expect(existsSync(directory)).toBe(true)
  })

  test('may be empty', async () => {
    expect(clearLeftovers(join(await temporaryDirectory(), 'nowhere'))).toEqual([])
  })
})

describe('a daemon', () => {
  async function started(...command: string[]) {
    return startDaemon('daemon', command, join(await temporaryDirectory(), 'log'))
  }

  test('is asked to end, and waited for', async () => {
    const daemon = await started('sleep', '600')
    expect(daemon.isRunning()).toBe(true)
    await stopDaemon(daemon, { patience: 30_000 })
    expect(await daemon.ended).toBe('SIGTERM')
    expect(daemon.isRunning()).toBe(false)
  })

  test('is killed if it does not end by itself', async () => {
    const directory = await temporaryDirectory()
    const ready = join(directory, 'ready')
    const script = `trap '' TERM; : >'${ready}'; while :; do sleep 0.05; done`
    const daemon = startDaemon('stubborn', ['sh', '-c', script], join(directory, 'log'))
    await expect.poll(() => existsSync(ready)).toBe(true)
    await stopDaemon(daemon, { patience: 100 })
    expect(await daemon.ended).toBe('SIGKILL')
  })

  test('has ended if it could not be started', async () => {
    const daemon = await started('/no/such/program')
    expect(await daemon.ended).toContain('ENOENT')
    await stopDaemon(daemon, { patience: 0 })
  })
})
