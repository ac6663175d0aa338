/** The package as it is published: its entries, and what package.json says of them. */
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

/** Those that an application imports; a worker's is the whole script of a worker. */
export const importable = ['index', 'react', 'element', 'remote'] as const
