/**
 * Runs histories from the command line.
 *
 *   npm run simulate -- --seed 42                   replays one history and prints all of it
 *   npm run simulate -- --runs 100000               runs the seeds from 1 on
 *   npm run simulate -- --runs 1000 --seed 5000     runs the seeds from 5000 on
 *   npm run simulate -- --adapters --runs 100000    the same of the other world, with the real adapters in it
 *   npm run simulate -- --runs 20000 --first        stops at the first one that breaks a rule
 *
 * Exits with 1 if a rule was broken. The last line has the figures.
 */
import { parseArgs } from 'node:util'
import { simulateAdapters } from './adapters/world.ts'
import { inWords, Totals } from './report.ts'
import { rules } from './rules/rules.ts'
import { type Result, simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'boolean', default: false },
    adapters: { type: 'boolean', default: false },
  },
})
const simulated = values.adapters ? simulateAdapters : simulate
const first = wholeNumber('seed', values.seed ?? '1')
const runs = wholeNumber('runs', values.runs ?? (values.seed === undefined ? '2000' : '1'))
const started = performance.now()
const totals = new Totals()
for (let seed = first; seed < first + runs && !isEnough(); seed++) tell(await simulated(seed))
if (totals.histories > 1) console.log(totals.table())
console.log(totals.line(performance.now() - started))
process.exitCode = totals.violations > 0 ? 1 : 0

function isEnough(): boolean {
  return values.first && totals.violations > 0
}

/** The first history that breaks a rule is printed in full, and so is a replayed one. */
function tell(result: Result): void {
  totals.add(result)
  const { seed, violation, replay } = result
  if (runs === 1 || (violation !== undefined && totals.violations === 1)) console.log(inWords(result))
  else if (violation !== undefined)
    console.log(`seed ${seed}: ${rules[violation.rule]}: ${violation.detail}. ${replay}`)
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  console.error(`Expected --${name} to be a whole number >= 1, got "${text}"`)
  process.exit(2)
}
