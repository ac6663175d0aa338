/**
 * Measures every scenario with its own sizes and rounds, saves the output, and writes the documents. Takes about two
 * hours.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { scenarioNames } from './scenarios.ts'

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function node(parameters: readonly string[]): string {
  const { stdout, error } = spawnSync(process.execPath, parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 ** 2,
  })
  if (error !== undefined) throw error
  return String(stdout)
}

for (const name of scenarioNames) {
  console.error(`--- ${name}`)
  const printed = node([here('run.ts'), '--scenario', name, '--json'])
  // If a scenario could not be measured, its last figures stay.
  if (printed.trim().startsWith('{')) writeFileSync(here(`results/${name}.json`), printed)
}
node([here('pages.ts')])
