/** The saved figures, and the page made from them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Saved } from './costs-page.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

export const costsPath: string = join(here, '../../docs/costs.md')

export function resultPath(name: keyof Saved): string {
  return join(here, 'results', `${name}.json`)
}

export function saved(): Saved {
  return { costs: read('costs'), soak: read('soak'), herd: read('herd') } as Saved
}

function read(name: keyof Saved): unknown {
  return JSON.parse(readFileSync(resultPath(name), 'utf8'))
}
