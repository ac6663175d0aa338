/** The documents state the same defaults as the code has. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { defaultWidth } from '../../src/concurrency.ts'
import { fragno } from '../../src/index.ts'
import { preferredPartSize } from '../../src/layout.ts'
import type { Checkpoint, Identity } from '../../src/ports.ts'
import { defaultRetry } from '../../src/retry.ts'
import { defaultStall } from '../../src/watchdog.ts'
import { flush } from '../fakes/clock.ts'
import { fileOf, rig } from '../fakes/uploader.ts'

/** The entries of an option-and-default table in that document. */
function told(document: string, option: string): string {
  const text = readFileSync(resolve(import.meta.dirname, '../..', document), 'utf8')
  const row = text.split('\n').find((line) => line.startsWith(`| \`${option}\` |`))
  return row?.split('|')[2]?.trim() ?? `no ${option} in ${document}`
}

function inWords(options: object): string {
  const fields = Object.entries(options).map(([name, value]) => {
    const number = Number(value)
    return `${name}: ${number >= 10_000 ? `${number / 1000}_000` : number}`
  })
  return `\`{ ${fields.join(', ')} }\``
}

test("the documented defaults for retries and stalls are the code's", () => {
  expect(told('README.md', 'retry')).toBe(inWords(defaultRetry))
  expect(told('README.md', 'stall')).toBe(inWords(defaultStall))
})

test("the documented sizes and widths are the code's", () => {
  expect(told('README.md', 'partSize')).toBe(`${preferredPartSize / 1024 ** 2} MiB`)
  expect(told('README.md', 'concurrency')).toBe("`'auto'`")
  expect(readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8')).toContain(
    `found by trying, from ${defaultWidth.start} up to ${defaultWidth.max} `,
  )
})

test("the documented time for which an upload can be resumed is the code's", async () => {
  const { uploader, checkpoints } = rig()
  uploader.uploadFile(fileOf(8)).catch(() => {})
  await flush()
  const [{ createdAt, expiresAt } = { createdAt: 0, expiresAt: 0 }] = (await checkpoints.list()).map(
    ({ checkpoint }) => checkpoint as Checkpoint,
  )
  expect(told('README.md', 'expiry')).toBe(`${(expiresAt - createdAt) / (24 * 60 * 60_000)} days`)
  await uploader.stop()
})

test("the documented size up to which fragno digests a file is the code's", () => {
  const limit = 1024 ** 3
  expect(told('docs/backends/fragno.md', 'checksumLimit')).toBe('1 GiB')
  const of = (size: number): unknown => fragno({}).fileDigest?.({ size } as Identity)
  expect([of(limit), of(limit + 1)]).toEqual(['sha256', undefined])
})
