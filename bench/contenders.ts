/** The contenders: longhaul, the bare loops and the other clients. */
import { readFileSync } from 'node:fs'

/** Which server a contender speaks to: the store, or a server of its own. */
export type Protocol = 's3' | 'tus' | 'chunks'

type Entry = {
  /** Its file in `page/contenders/`, which exports `upload`, if it does not have the contender's name. */
  readonly module?: string
  /** The package whose version it has; `undefined` if it uses nothing but the browser. */
  readonly package?: string
  readonly protocol: Protocol
  /** Parts on their way at once: a number instead of `--width`, or its own default. */
  readonly width?: number | 'default'
  /** The scenarios that it cannot do, and why. */
  readonly cannot?: Readonly<Record<string, string>>
}

const forgets = 'keeps nothing over a reload'
const needsNoUrls = 'no presigned URLs in its protocol'

const entries = {
  limit: { protocol: 's3', cannot: { resume: forgets } },
  'xhr-limit': { protocol: 's3', cannot: { resume: forgets } },
  'limit-put': { protocol: 's3', cannot: { resume: forgets } },
  longhaul: { package: 'longhaul', protocol: 's3', width: 'default' },
  'longhaul-put': { package: 'longhaul', protocol: 's3', width: 'default' },
  'longhaul-in-worker': { package: 'longhaul', protocol: 's3', width: 'default' },
  'longhaul-xxhash64': { package: 'longhaul', protocol: 's3', width: 'default' },
  'longhaul-crc32c': { package: 'longhaul', protocol: 's3', width: 'default' },
  'read-once': { protocol: 's3' },
  'read-twice': { protocol: 's3' },
  'longhaul-w1': { package: 'longhaul', protocol: 's3', module: 'longhaul', width: 1 },
  'longhaul-w2': { package: 'longhaul', protocol: 's3', module: 'longhaul', width: 2 },
  'longhaul-w4': { package: 'longhaul', protocol: 's3', module: 'longhaul', width: 4 },
  'longhaul-w6': { package: 'longhaul', protocol: 's3', module: 'longhaul', width: 6 },
  uppy: {
    package: '@uppy/aws-s3',
    protocol: 's3',
    cannot: { resume: `${forgets} without @uppy/golden-retriever` },
  },
  'uppy-multipart': {
    package: '@uppy/aws-s3',
    protocol: 's3',
    cannot: { resume: `${forgets} without @uppy/golden-retriever` },
  },
  tus: { package: 'tus-js-client', protocol: 'tus', cannot: { expiry: needsNoUrls } },
  evaporate: { package: 'evaporate', protocol: 's3', cannot: { expiry: 'signs headers, and no URLs' } },
  'lib-storage': {
    package: '@aws-sdk/lib-storage',
    protocol: 's3',
    cannot: { resume: forgets, expiry: 'has the credentials, and no URLs' },
  },
  upchunk: {
    package: '@mux/upchunk',
    protocol: 'chunks',
    cannot: { resume: forgets, expiry: needsNoUrls },
  },
} as const satisfies Readonly<Record<string, Entry>>

export type ContenderName = keyof typeof entries

export const contenderNames: readonly ContenderName[] = Object.keys(entries).filter(isContender)

/** The contender whose time the others are compared with. */
export const limit: ContenderName = 'limit'
/** The contender whose CPU time the others are compared with. */
export const xhrLimit: ContenderName = 'xhr-limit'

export function isContender(name: string): name is ContenderName {
  return Object.hasOwn(entries, name)
}

export function contender(name: ContenderName): Entry {
  return entries[name]
}

export function moduleOf(name: ContenderName): string {
  return contender(name).module ?? name
}

/** Whether it needs packages that only the bench installs. */
export function isPeer(name: ContenderName): boolean {
  const { package: owner = 'longhaul' } = contender(name)
  return owner !== 'longhaul'
}

/** Whether its failure is ours, and not one that the bench is there to show. */
export function isOurs(name: ContenderName): boolean {
  return contender(name).package === 'longhaul'
}

/** @returns `undefined` if it can. */
export function whyNot(name: ContenderName, scenario: string): string | undefined {
  return contender(name).cannot?.[scenario]
}

export function versionOf(name: ContenderName, browserVersion: string): string {
  const { package: owner } = contender(name)
  if (owner === undefined) return browserVersion
  if (owner === 'longhaul') return readJson<{ version: string }>('../package.json').version
  const { dependencies } = readJson<{ dependencies: Record<string, string> }>('package.json')
  return dependencies[owner] ?? 'unknown'
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T
}
