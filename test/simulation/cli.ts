/**
 * `npm run simulate -- --runs N [--seed START]`, or `-- --seed N` alone to read one history. Exits with 1 on the first
 * violation; the last line has the figures.
 */
import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } })
const first = wholeNumber('seed', values.seed ?? '1')
const runs =
  values.runs === undefined ? (values.seed === undefined ? 2000 : 1) : wholeNumber('runs', values.runs)

const started = performance.now()
let done = 0
let violations = 0
for (let seed = first; seed < first + runs && violations === 0; seed++) {
  const { violation, lines, plan } = await simulate(seed)
  if (runs === 1 || violation !== undefined) console.log(`${JSON.stringify(plan)}\n${lines.join('\n')}`)
  if (violation !== undefined) {
    violations += 1
    console.log(`seed ${seed}: ${violation.rule}: ${violation.detail}`)
  }
  done += 1
}
const rate = done / ((performance.now() - started) / 1000)
console.log(`${done} histories, ${violations} violations, ${rate.toFixed(0)} histories a second`)
process.exitCode = violations > 0 ? 1 : 0

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  console.error(`Expected --${name} to be a whole number from 1 on, got "${text}"`)
  process.exit(2)
}
