/** Who takes part. Each has a file of its name in `page/contenders/`, which exports `upload`. */
import { readFileSync } from 'node:fs'

/** Where a contender's version is written; `undefined`: it is nothing but the browser. */
const packages = {
  limit: undefined,
  longhaul: '../package.json',
  'longhaul-xxhash64': '../package.json',
} as const

export type ContenderName = keyof typeof packages

export const contenderNames: readonly ContenderName[] = Object.keys(packages).filter(isContender)

/** The one that the others are compared with. */
export const limit: ContenderName = 'limit'

export function isContender(name: string): name is ContenderName {
  return Object.hasOwn(packages, name)
}

export function versionOf(name: ContenderName, browserVersion: string): string {
  const path = packages[name]
  if (path === undefined) return browserVersion
  const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }
  return version
}
