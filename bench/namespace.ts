/**
 * A network namespace of our own, if the system allows one (Linux). Loopback buffers 4 MB before a sender notices that
 * nobody reads: at 5 Mbit/s that takes 6 s. In a namespace the buffers can be as small as those of a slow connection,
 * and nobody else's are touched.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'

/** Set in the process that runs inside the namespace. */
const inside = 'LONGHAUL_BENCH_NAMESPACE'

/** Bytes of the send and receive buffers: least, initial and most. */
const buffers = { tcp_wmem: '4096 16384 131072', tcp_rmem: '4096 65536 65536' } as const

/**
 * Runs this process's command again in a network of its own.
 *
 * @returns The exit code. `undefined` if no network can be had, or if this process is in it already: then nothing was
 * done.
 */
export async function rerunInNamespace(): Promise<number | undefined> {
  if (process.env[inside] !== undefined || !canUnshare()) return undefined
  const script = 'ip link set lo up && exec "$0" "$@"'
  const command = [process.execPath, ...process.argv.slice(1)]
  // `unshare` and `sh` replace themselves with what they start, so the child is the bench itself.
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

/** Without root it also takes a user namespace, in which this process is root. */
function flags(): readonly string[] {
  return process.getuid?.() === 0 ? ['--net'] : ['--net', '--map-root-user']
}
