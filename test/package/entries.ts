/** The package as it is published: its entries, and their fields in package.json. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

type Target = string | { readonly types: string; readonly default: string }

export type Manifest = {
  readonly exports: Readonly<Record<string, Target>>
  readonly sideEffects: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
}

export const manifest: Manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

/** The entries that an application imports. A worker's entry is a whole script instead. */
export const importable = ['index', 'react', 'element', 'remote'] as const
