/**
 * Shows that the simulation can fail: plants bugs into copies of the engine, one at a time, and looks for them.
 *
 *   npm run simulate:mutants                              all of them, two at a time
 *   npm run simulate:mutants -- --only lock-not-taken     one of them
 *   npm run simulate:mutants -- --adapters                those of the adapters
 *   npm run simulate:mutants -- --write                   writes docs/simulation-mutants.md, where all is well
 *
 * Exits with 1 where a bug is not found, or a rule is broken without one. The last line has the figures.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { rules } from '../rules/rules.ts'
import { adapterMutants } from './adapter-mutants.ts'
import { hunt } from './hunt.ts'
import { mutants as engineMutants, type Mutant } from './mutants.ts'
import { editedFiles } from './plant.ts'
import { line, type Outcome, page } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    adapters: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const mutants = values.adapters ? adapterMutants : engineMutants
const world = values.adapters ? ['--adapters'] : []
const chosen = values.only === undefined ? mutants : [mutantOf(values.only)]
if (values.write && (values.only !== undefined || values.adapters))
  refuse('Expected --write without --only and --adapters: the page has all of the engine')

// Before anything takes its time.
for (const { edits } of chosen) editedFiles(edits)

const outcomes = new Map<Mutant, Outcome>()
const work = [control, ...chosen.map((mutant) => () => look(mutant))][Symbol.iterator]()
await Promise.all([workThrough(), workThrough()])

const ordered = chosen.map((mutant) => outcomes.get(mutant)).filter((outcome) => outcome !== undefined)
const survived = ordered.filter(({ found }) => found === undefined).length
if (survived > 0) process.exitCode = 1
if (values.write && process.exitCode === undefined)
  writeFileSync(join(import.meta.dirname, '../../../docs/simulation-mutants.md'), page(ordered))
console.log(`${ordered.length} mutants, ${ordered.length - survived} found, ${survived} survived`)

/** One of two, as there are two cores nearly everywhere. */
async function workThrough(): Promise<void> {
  for (const next of work) await next()
}

/** What finds something where there is nothing shows nothing. */
async function control(): Promise<void> {
  const found = await hunt([], world)
  if (found === undefined) return console.log('without a bug: no rule is broken')
  console.log(`without a bug: seed ${found.seed}: ${rules[found.rule]}`)
  process.exitCode = 1
}

async function look(mutant: Mutant): Promise<void> {
  const found = await hunt(mutant.edits, world).catch((error: unknown) =>
    console.error(`${mutant.name}: ${error}`),
  )
  const outcome = { mutant, found: found ?? undefined }
  outcomes.set(mutant, outcome)
  console.log(line(outcome))
}

function mutantOf(name: string): Mutant {
  return (
    mutants.find((mutant) => mutant.name === name) ??
    refuse(`Expected --only to be one of ${mutants.map((mutant) => mutant.name).join(', ')}, got "${name}"`)
  )
}

function refuse(why: string): never {
  console.error(why)
  process.exit(2)
}
