/**
 * Uploads files in Chromium with longhaul, with the bare loop of requests that is the limit, and with other clients, in
 * turn, and compares them. See README.md.
 *
 *     npm run bench
 *     npm run bench -- --scenario faults --json
 */
import { benchmark } from './benchmark.ts'
import { cleanUpAtExit } from './cleanup.ts'
import { isOurs, isPeer } from './contenders.ts'
import { hashBench } from './hash.ts'
import { formatHashRows } from './hash-rows.ts'
import { rerunInNamespace, shrinkBuffers } from './namespace.ts'
import { type BenchOptions, parseOptions, UsageError, usage } from './options.ts'
import { installPeers } from './peers/install.ts'
import { scenario } from './scenarios.ts'
import { formatReport } from './table.ts'

const options = readOptions(process.argv.slice(2))
try {
  if (options.contenders.some(isPeer)) installPeers(tell)
  process.exitCode = (isShaped(options) ? await rerunInNamespace() : undefined) ?? (await report(options))
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// Child processes are still there and would keep this process alive. The exit ends them.
process.exit()

async function report(options: BenchOptions): Promise<number> {
  cleanUpAtExit()
  if (options.scenario === 'hash') return reportHash(options)
  const smallBuffers = isShaped(options) && shrinkBuffers()
  if (isShaped(options) && !smallBuffers) tell('no network of our own: a slow network has large buffers here')
  const { machine, rows } = await benchmark(options, tell)
  const { scenario, json } = options
  const date = new Date().toISOString()
  console.log(
    json
      ? JSON.stringify({ scenario, machine, smallBuffers, date, rows })
      : formatReport(options, machine, rows),
  )
  // The bench is there to show what others cannot do.
  return rows.every(({ ok, contender }) => ok || !isOurs(contender)) ? 0 : 1
}

async function reportHash(options: BenchOptions): Promise<number> {
  const { machine, rows } = await hashBench(options, tell)
  const report = { scenario: options.scenario, machine, date: new Date().toISOString(), rows }
  console.log(options.json ? JSON.stringify(report) : formatHashRows(rows))
  return rows.every(({ ok }) => ok) ? 0 : 1
}

/** Whether there is a rate, behind which bytes wait in buffers. */
function isShaped({ scenario: name }: BenchOptions): boolean {
  const { network = {} } = scenario(name)
  return network.rate !== undefined || network.connectionRate !== undefined
}

function tell(line: string): void {
  console.error(line)
}

function readOptions(parameters: readonly string[]): BenchOptions {
  try {
    const options = parseOptions(parameters)
    if (!options.help) return options
    process.stdout.write(usage)
    process.exit(0)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`longhaul bench: ${error.message}`)
    process.exit(2)
  }
}
