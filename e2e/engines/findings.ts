/** What the suite finds of an engine, by the rows of the tables in docs/browsers.md. */
import { appendFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { type DiskFile, mebibyte } from '../files.ts'
import type { EngineName, Tab } from './engine.ts'
import type { PlainServer } from './plain-server.ts'

export type Findings = {
  readonly engine: EngineName
  readonly version: string
  /** By the row of the table. */
  readonly found: Record<string, string>
}

type Found = Readonly<Record<string, string>>

export async function findFeatures(tab: Tab): Promise<Found> {
  const features = await tab.evaluate(() => engine.features())
  return Object.fromEntries(Object.entries(features).map(([name, has]) => [name, has ? 'yes' : 'no']))
}

/** What a page sees of a request and of what happens to it. */
export async function findRequests(tab: Tab, server: PlainServer, file: DiskFile): Promise<Found> {
  await tab.pick('#files', [file.path])
  const put = (path: string) => tab.evaluate((url) => engine.putPicked(url), `${server.url}${path}`)
  const slow = await put('/slow')
  await put('/warm')
  const cut = await put('/cut')
  const refused = await put('/refuse')
  return {
    'progress events of a part': slow.largestStep <= 16_384 ? 'every 8 KiB' : 'by time',
    'a connection that is cut before the answer':
      cut.outcome === 'load' ? 'the browser itself sends the request again' : 'a network error',
    'a 403 without CORS headers (an expired URL)': refused.status === 0 ? 'a network error' : 'a 403',
  }
}

/** How many requests a browser has on their way to one host over HTTP/1.1. */
export async function findConnections(tab: Tab, server: PlainServer): Promise<Found> {
  const begun = 10
  await tab.evaluate((url, count) => engine.beginMany(url, count), `${server.url}/never`, begun)
  let seen = -1
  for (;;) {
    const now = server.arrived.get('/never') ?? 0
    if (now > 0 && now === seen) break
    seen = now
    await new Promise((resolve) => setTimeout(resolve, 2_000))
  }
  await tab.evaluate(() => endMany())
  return { 'connections to a host over HTTP/1.1': String(seen) }
}

/** What becomes of a picked file that changes on the disk. */
export async function findChanges(tab: Tab, server: PlainServer, file: DiskFile): Promise<Found> {
  const fill = (byte: number, size: number): Promise<void> => writeFile(file.path, Buffer.alloc(size, byte))
  const pick = async (): Promise<void> => {
    await fill(1, mebibyte)
    await tab.pick('#files', [file.path])
    await tab.evaluate(() => engine.readPicked())
  }
  const look = () => tab.evaluate(() => engine.readPicked())
  await pick()
  const { mtimeMs } = await stat(file.path)
  const { lastModified } = await look()
  await fill(2, mebibyte)
  // A date that is another one by any measure.
  await utimes(file.path, 1_000_000_000, 1_000_000_000)
  const overwritten = await look()
  await pick()
  await appendFile(file.path, 'more')
  const longer = await look()
  await pick()
  await fill(2, 10)
  const shorter = await look()
  const sent = await tab.evaluate((url) => engine.putPicked(url), `${server.url}/shorter`)
  await pick()
  await rm(file.path)
  const gone = await look()
  return {
    '`lastModified`': lastModified === Math.floor(mtimeMs) ? 'milliseconds' : 'whole seconds',
    'read after it was overwritten by as many bytes':
      overwritten.first === '2' ? 'the new bytes' : overwritten.first,
    'read after it has become longer': longer.first === '1' ? 'the bytes' : longer.first,
    'read behind the end after it has become shorter': shorter.last,
    'sent after it has become shorter':
      sent.outcome === 'timeout' ? 'the request waits for ever' : 'a network error',
    'read after it was removed': gone.first,
  }
}
