/** Runs the simulation on a source with a bug in it, until a rule is broken. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { type Rule, rules } from '../rules/rules.ts'
import type { Edit } from './mutants.ts'
import { withPlanted } from './plant.ts'

/** Each bug is to be found within so many seeds. */
export const mostSeeds = 30_000

/** Milliseconds; a mutant that never lets go of its turn can only be stopped from outside. */
const patience = 5 * 60_000

export type Found = { readonly seed: number; readonly rule: Rule }

type Ended = { readonly code: number | string; readonly output: string; readonly trouble: string }

/**
 * @param world What the simulation is told besides, to be another one.
 * @returns What has found it first; `undefined` where nothing has within `mostSeeds` seeds.
 */
export function hunt(edits: readonly Edit[], world: readonly string[] = []): Promise<Found | undefined> {
  return withPlanted(edits, async (folder) => readFound(await simulated(folder, world)))
}

function simulated(folder: string, world: readonly string[]): Promise<Ended> {
  const cli = join(folder, 'test/simulation/cli.ts')
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, '--first', '--runs', String(mostSeeds), ...world],
      { timeout: patience, maxBuffer: 64 * 1024 * 1024 },
      (error, output, trouble) =>
        resolve({ code: error === null ? 0 : (error.code ?? 'killed'), output, trouble }),
    )
  })
}

/** A run that neither kept all rules nor broke one has shown nothing, such as one of a source that is not valid. */
function readFound({ code, output, trouble }: Ended): Found | undefined {
  const isDone = new RegExp(`^${mostSeeds} histories, 0 violations`, 'm').test(output)
  if (code === 0 && isDone) return undefined
  const seed = Number(/^seed (\d+)$/m.exec(output)?.[1])
  const words = /^BROKEN: (.+)$/m.exec(output)?.[1]
  const rule = ruleNames.find((name) => rules[name] === words)
  if (code === 1 && rule !== undefined && seed >= 1) return { seed, rule }
  throw new Error(`The simulation did not come to an end (${code}):\n${trouble}`)
}

const ruleNames = Object.keys(rules) as readonly Rule[]
