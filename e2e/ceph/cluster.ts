/** Ceph with its S3 gateway on this machine: one monitor, one OSD and one gateway, on the loopback interface, without systemd. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configuration } from './configuration.ts'
import { type Daemon, startDaemon, stopDaemon } from './daemon.ts'
import { clearLeftovers, directoryPrefix, noteProcesses } from './leftovers.ts'
import { inRoot, type Release } from './release.ts'

export type Cluster = {
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Ends the processes and removes the data. May be called again, and at any time after the start. */
  stop(): Promise<void>
}

const credentials = { accessKeyId: 'demo', secretAccessKey: 'demodemo' }

/** Milliseconds that a step of the start may take. Each takes a second or two. */
const longest = 60_000

/** @param signal Ends a start that is under way. */
export async function startCluster(release: Release, signal: AbortSignal): Promise<Cluster> {
  const parent = release.root === undefined ? tmpdir() : join(release.root, 'tmp')
  for (const left of clearLeftovers(parent))
    console.error(`ceph: ended and removed what an earlier run left in ${left}`)
  const start = new Start(release, parent, signal)
  try {
    await start.run()
    return start.cluster()
  } catch (error) {
    const log = start.lastWords()
    await start.stop()
    throw new Error(`Ceph did not start: ${error instanceof Error ? error.message : error}\n${log}`)
  }
}

class Start {
  readonly #release: Release
  readonly #signal: AbortSignal
  readonly #directory: string
  readonly #daemons: Daemon[] = []
  #endpoint = ''
  #stopped: Promise<void> | undefined

  constructor(release: Release, parent: string, signal: AbortSignal) {
    this.#release = release
    this.#signal = signal
    this.#directory = mkdtempSync(join(parent, directoryPrefix))
    noteProcesses(this.#directory, [])
    for (const folder of ['mon', 'osd', 'run', 'log']) mkdirSync(join(this.#directory, folder))
  }

  async run(): Promise<void> {
    const [monitor = 0, gateway = 0] = await freePorts(2)
    const inside = this.#inside
    const settings = { id: randomUUID(), directory: inside, ports: { monitor, gateway } }
    writeFileSync(join(this.#directory, 'ceph.conf'), configuration(settings))
    await this.#do('ceph-mon', '-i', 'a', '--mkfs', '--public-addr', `v2:127.0.0.1:${monitor}`)
    this.#daemon('mon.a', 'ceph-mon', '-i', 'a')
    const osd = randomUUID()
    // Waits for the monitor.
    await this.#do('ceph', '--connect-timeout', '30', 'osd', 'new', osd)
    await this.#do('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd)
    // Without a location the OSD would look up the machine's name, which need not resolve.
    this.#daemon('osd.0', 'ceph-osd', '-i', '0', '--crush-location', 'root=default host=local')
    this.#daemon('client.rgw', 'radosgw', '-n', 'client.rgw')
    const { accessKeyId, secretAccessKey } = credentials
    const keys = [`--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`]
    await this.#do('radosgw-admin', 'user', 'create', '--uid=demo', '--display-name=demo', ...keys)
    this.#endpoint = `http://127.0.0.1:${gateway}`
    await this.#untilAnswering()
  }

  cluster(): Cluster {
    return { endpoint: this.#endpoint, credentials, stop: () => this.stop() }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#end()
    return this.#stopped
  }

  /** The last lines of every log. */
  lastWords(): string {
    const folder = join(this.#directory, 'log')
    return readdirSync(folder)
      .map(
        (name) =>
          `${name}: ${readFileSync(join(folder, name), 'utf8').trim().split('\n').slice(-5).join('\n')}`,
      )
      .join('\n')
  }

  /** The directory's path as the programs see it. */
  get #inside(): string {
    return this.#directory.slice(this.#release.root?.length ?? 0)
  }

  #command(program: string, parameters: readonly string[]): readonly string[] {
    return inRoot(this.#release.root, [program, '-c', `${this.#inside}/ceph.conf`, ...parameters])
  }

  #daemon(name: string, program: string, ...parameters: string[]): void {
    const command = this.#command(program, ['-f', ...parameters])
    this.#daemons.push(startDaemon(name, command, join(this.#directory, 'log', `${name}.out`)))
    noteProcesses(
      this.#directory,
      this.#daemons.map(({ pid }) => pid),
    )
  }

  /** Runs a program to its end. Rejects if it takes too long, or if a daemon that it may be waiting for ends. */
  async #do(program: string, ...parameters: string[]): Promise<void> {
    const log = join(this.#directory, 'log', `${program}.out`)
    const step = startDaemon(program, this.#command(program, parameters), log)
    try {
      const end = await Promise.race([step.ended, this.#trouble()])
      if (end !== 'code 0') throw new Error(`${program} ${parameters.join(' ')} ended with ${end}`)
    } finally {
      await stopDaemon(step, { patience: 0 })
    }
  }

  async #untilAnswering(): Promise<void> {
    const trouble = this.#trouble()
    const answers = (): Promise<boolean> =>
      fetch(this.#endpoint).then(
        () => true,
        () => false,
      )
    while (!(await Promise.race([answers(), trouble]))) await sleep(100)
  }

  /** Rejects when waiting any longer makes no sense. */
  async #trouble(): Promise<never> {
    const late = sleep(longest, 'late', { ref: false })
    const gone = this.#daemons.map(async ({ name, ended }) => `${name} ended with ${await ended}`)
    const interrupted = new Promise<string>((resolve) => {
      if (this.#signal.aborted) resolve('interrupted')
      this.#signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
    })
    const why = await Promise.race([late, interrupted, ...gone])
    throw new Error(why === 'late' ? `not ready after ${longest / 1000} s` : why)
  }

  /** Stops the daemons in reverse order, because an OSD without a monitor does not end. */
  async #end(): Promise<void> {
    for (const daemon of this.#daemons.toReversed()) {
      // The gateway keeps no state, and would take half a minute to end by itself.
      await stopDaemon(daemon, { patience: daemon.name === 'client.rgw' ? 500 : 30_000 })
    }
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Ports that were free a moment ago. The monitor cannot choose its own, because the others have to know it. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listening(): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}
