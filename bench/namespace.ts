/**
 * A network of our own, where the system lets us have one (Linux). Loopback takes 4 MB into its buffers before a sender
 * notices that nobody reads: at 5 Mbit/s that is what passes in 6 s. In a namespace of our own the buffers can be made as
 * small as those of a slow connection, and nobody else's are touched.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'

/** Set in the process that has a network of its own. */
const inside = 'LONGHAUL_BENCH_NAMESPACE'

/** Bytes: the least, at first, and the most, of what is on its way out and in. */
const buffers = { tcp_wmem: '4096 16384 131072', tcp_rmem: '4096 65536 65536' } as const

/**
 * Does in a network of its own what this process was started for.
 *
 * @returns The exit code; `undefined` where there is none to be had, or where this is it: then nothing has been done.
 */
export async function rerunInNamespace(): Promise<number | undefined> {
  if (process.env[inside] !== undefined || !canUnshare()) return undefined
  const script = 'ip link set lo up && exec "$0" "$@"'
  const command = [process.execPath, ...process.argv.slice(1)]
  // `unshare` and `sh` become what they start: the child is the bench itself.
  const child = spawn('unshare', [...flags(), 'sh', '-c', script, ...command], {
    stdio: 'inherit',
    env: { ...process.env, [inside]: 'yes' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** @returns Whether it could be done. */
export function shrinkBuffers(): boolean {
  if (process.env[inside] === undefined) return false
  try {
    for (const [name, value] of Object.entries(buffers)) writeFileSync(`/proc/sys/net/ipv4/${name}`, value)
    return true
  } catch {
    return false
  }
}

function canUnshare(): boolean {
  if (process.platform !== 'linux') return false
  return spawnSync('unshare', [...flags(), 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0
}

/** Without root it takes a user namespace too, in which we are root. */
function flags(): readonly string[] {
  return process.getuid?.() === 0 ? ['--net'] : ['--net', '--map-root-user']
}
