/**
 * Uploads files in Chromium through longhaul, through the bare loop of requests that is the limit, and through other
 * clients, in turn, and compares. See README.md.
 *
 *     npm run bench
 *     npm run bench -- --scenario faults --json
 */
import { benchmark } from './benchmark.ts'
import { cleanUpAtExit } from './cleanup.ts'
import { isOurs } from './contenders.ts'
import { type BenchOptions, parseOptions, UsageError, usage } from './options.ts'
import { formatReport } from './table.ts'

const options = readOptions(process.argv.slice(2))
cleanUpAtExit()
try {
  process.exitCode = await report(options)
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// What was started is still there, and keeps this process alive, until the exit ends it.
process.exit()

async function report(options: BenchOptions): Promise<number> {
  const { machine, rows } = await benchmark(options, (line) => console.error(line))
  const { scenario, json } = options
  const date = new Date().toISOString()
  console.log(json ? JSON.stringify({ scenario, machine, date, rows }) : formatReport(options, machine, rows))
  // What others cannot do is what the bench is there to show.
  return rows.every(({ ok, contender }) => ok || !isOurs(contender)) ? 0 : 1
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
