/** Pure: makes `docs/costs.md` from the measured figures. */
import { type HerdBar, bars as herdBars } from '../../test/simulation/herd/bars.ts'
import type { HerdReport } from '../../test/simulation/herd/herd.ts'
import type { Machine } from '../machine.ts'
import { table } from '../report-pages.ts'
import type { SoakReport } from '../soak/soak.ts'
import type { Costs } from './costs.ts'

export type CostsReport = {
  /** ISO 8601. */
  readonly date: string
  readonly machine: Machine
  /** The part size of the measured uploads, in bytes. */
  readonly partSize: number
  readonly part: Costs
  readonly partWithChecksum: Costs
  readonly file: Costs
}

export type SavedSoak = SoakReport & { readonly date: string; readonly machine: Machine }

export type Saved = {
  readonly costs: CostsReport
  readonly soak: SavedSoak
  readonly herd: readonly HerdReport[]
}

const mebibyte = 1024 ** 2
const gigabyte = 1000 ** 3
/** URLs in one call: on a slow connection, and at most. */
const batch = { least: 12, most: 100 } as const
/** Bits a second for each of the million. */
const line = 10_000_000
const million = 1_000_000

const titles: Readonly<Record<keyof Costs, string>> = {
  controlCalls: "requests to the application's server",
  sentJson: 'JSON to it, bytes',
  answeredJson: 'JSON from it, bytes',
  puts: 'requests to the storage',
  preflights: 'preflights to the storage',
  transactions: 'transactions of IndexedDB that write',
  records: 'records put into IndexedDB',
  recordBytes: 'these as JSON, bytes',
  mainThread: 'CPU of the main thread, ms',
}

export function costsPage({ costs, soak, herd }: Saved): string {
  return `# What an upload costs

\`npm run costs\` writes this page from its own measurements and those of \`npm run soak\` and \`npm run simulate:herd\` (\`bench/costs/results/\`), so no figure here was
typed. [bench/README.md](../bench/README.md) says how the browser is driven.

## A part and a file

${day(costs.date)}, ${describe(costs.machine)}, parts of ${costs.partSize / mebibyte} MiB on loopback, through \`presigned\` without a digest of the whole file. The cost of a part is the
difference between an upload of many parts and one of few, divided by the difference in parts. The cost of a file is everything else: start, first URLs, complete, checkpoint.

${costsTable(costs)}

On a slow connection each call asks for fewer URLs, so there are more calls: as many URLs as are used within 20 s, from ${batch.least} to ${batch.most}. Nearly all of the JSON is
presigned URLs.

## Ten thousand parts

${day(soak.date)}, ${describe(soak.machine)}: one file of ${(soak.size / 1024 ** 3).toFixed(0)} GiB in ${soak.parts.toLocaleString('en-US')} parts, to a store that checks each byte and drops it. The browser was
killed ${soak.lives.length - 1} times on the way (SIGKILL), and the upload went on. Each part reached the store once and whole. Of the parts that were acknowledged before a
kill (${soak.sink.sealed.toLocaleString('en-US')}) none was sent again; of those that were on their way, ${soak.sink.resent} were.

${livesTable(soak)}

The tenths of the longest of these lives:

${tenthsTable(soak)}

${table([['bar', 'value', 'at most', ''], ...soak.bars.map(({ what, value, atMost, holds }) => [what, number(value), number(atMost), holds ? 'holds' : '**broken**'])])}

${growth(soak)}
\`npm run bench:many\` measures ten thousand small files ([performance](performance.md#many-files)).

## A million clients at once

The number of requests to the application's server depends on parts, not on bytes. For a file of one gigabyte (10⁹ bytes), including its start and
complete:

${gigabyteTable()}

A million clients that each send ${line / 1_000_000} Mbit/s make, with parts of 16 MiB and files of a gigabyte, ${perSecond().toLocaleString('en-US')} requests a second to the application's server. Presigning costs that server no
request to the storage. The storage gets ${Math.round((2 * million * line) / 8 / (16 * mebibyte)).toLocaleString('en-US')} requests a second, preflights among them.

## After an outage

\`npm run simulate:herd\`: ${(herd[0]?.clients ?? 0).toLocaleString('en-US')} clients with the real engine in virtual time, each with an upload in mid-flight, five parts at once, meet the same outage of ${(herd[0]?.length ?? 0) / 1000} s.
\`refused\`: neither server can be reached. \`offline\`: no client has a network, each browser says so, and the network comes back for all of them in one moment. \`announced\`: the
application's server answers 503 and gives everybody the same moment in Retry-After. \`crowded\`: as \`refused\`, but afterwards there is room for one request a second per ten clients,
and a 503 for the rest.

${herdTable(herd)}

These limits define "no wave". \`npm test\` checks them with 500 clients:

${table([['', 'limit'], ...herdBars.map((bar) => [bar.what, limitOf(bar)])])}

A million clients that come back from such an outage make at most ${burst(herd).toLocaleString('en-US')} requests to the application's server in one second. Size a rate limit by this
figure. If a server is down for longer than a minute or so, most uploads end, resumable. People then resume them by hand, at different times.
`
}

function costsTable({ part, partWithChecksum, file }: CostsReport): string {
  const rows = Object.entries(titles).map(([column, title]) => [
    title,
    ...[part, partWithChecksum, file].map((costs) => number(costs[column as keyof Costs])),
  ])
  return table([['', 'a part', 'with `checksum: crc32c`', 'a file'], ...rows])
}

function livesTable({ lives }: SavedSoak): string {
  const rows = lives.map(({ from, to, seconds, checkpoint }, index) => [
    `${index + 1}`,
    `${from} to ${to}`,
    seconds.toFixed(0),
    checkpoint === undefined ? '' : `${checkpoint.receipts}`,
    checkpoint === undefined ? '' : `${(checkpoint.size / 1024).toFixed(0)}`,
    checkpoint === undefined ? '' : checkpoint.loadMs.toFixed(0),
  ])
  return table([
    ['life', 'parts', 's', 'receipts found', 'checkpoint as JSON, KiB', 'loaded in, ms'],
    ...rows,
  ])
}

function tenthsTable({ tenths }: SavedSoak): string {
  const rows = tenths.map(({ seconds, taskMsPerPart, page, browser, heap }, index) => [
    `${index + 1}`,
    seconds.toFixed(1),
    taskMsPerPart.toFixed(2),
    ...[page, browser, heap].map((bytes) => (bytes / mebibyte).toFixed(1)),
  ])
  return table([['', 's', 'CPU a part, ms', 'page, MiB', 'browser, MiB', 'script heap, MiB'], ...rows])
}

/** Says what a failed bar means. */
function growth({ tenths, bars }: SavedSoak): string {
  const [second, last] = [tenths[1], tenths[9]]
  if (second === undefined || last === undefined || bars.every(({ holds }) => holds)) return ''
  const parts = tenths.slice(2).reduce((sum, tenth) => sum + tenth.parts, 0)
  const grown = (of: 'page' | 'heap' | 'browser'): string =>
    ((last[of] - second[of]) / parts / 1024).toFixed(2)
  return `The bar that is broken: from the second tenth to the last the page's process grew by ${grown('page')} KiB a part, ${grown('heap')} of it in the script's heap, where the receipts are; the
rest is the browser's own, and why it grows is not known yet. The browser as a whole grew by ${grown('browser')}. Ten thousand parts are the most that there are.
`
}

function gigabyteTable(): string {
  const rows = [8, 16, 64].map((size) => {
    const parts = Math.ceil(gigabyte / (size * mebibyte))
    const calls = (urls: number): string => `${2 + Math.ceil(parts / urls)}`
    return [`${size} MiB`, `${parts}`, calls(batch.least), calls(batch.most), `${2 * parts}`]
  })
  return table([
    ['part size', 'parts', 'requests, slow connections', 'fast ones', 'requests to the storage'],
    ...rows,
  ])
}

function perSecond(): number {
  const parts = Math.ceil(gigabyte / (16 * mebibyte))
  const seconds = (gigabyte * 8) / line
  return Math.round((million * (2 + Math.ceil(parts / batch.least))) / seconds)
}

function herdTable(herd: readonly HerdReport[]): string {
  const each = (count: number, clients: number): string => number(count / clients)
  const rows = herd.map((report) => [
    report.kind,
    each(report.usualCalls, report.clients),
    each(report.firstCalls, report.clients),
    each(report.lastCalls, report.clients),
    number(report.peakCalls),
    `${(report.peakReturn * 100).toFixed(0)} %`,
    number(report.returnSeconds),
    number(report.callsAfter),
    `${(report.done * 100).toFixed(1)} %`,
  ])
  const head = [
    '',
    'calls a client and second, before',
    'busiest second of the first five',
    'of the last third',
    'after the outage',
    'come back in one second',
    '95 % are back after, s',
    'calls of a client after it',
    'done',
  ]
  return table([head, ...rows])
}

function burst(herd: readonly HerdReport[]): number {
  return Math.round(Math.max(...herd.map(({ peakCalls }) => peakCalls)) * million)
}

function limitOf({ limit, isLeast }: HerdBar): string {
  return `at ${isLeast ? 'least' : 'most'} ${limit}`
}

/** As few digits as say something. */
function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return `${Math.round(value)}`
  return `${Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 2))}`
}

function day(date: string): string {
  return date.slice(0, 10)
}

function describe({ cores, memoryMiB, browser }: Machine): string {
  return `${cores} cores, ${Math.round(memoryMiB / 1024)} GiB, ${browser}`
}
