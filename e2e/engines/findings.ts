/** What the suite finds out about an engine, by the rows of the table in docs/browsers.md. */
import { appendFile, open, rm, utimes, writeFile } from 'node:fs/promises'
import { type DiskFile, mebibyte } from '../files.ts'
import type { Look } from '../harness.ts'
import type { EngineName, Tab } from './engine.ts'
import type { PlainServer } from './plain-server.ts'
import { end, look, type Read, untilLook, untilStored } from './stage.ts'

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

/** What a page sees of its requests. */
export async function findRequests(tab: Tab, server: PlainServer, file: DiskFile): Promise<Found> {
  await tab.pick('#files', [file.path])
  const put = (path: string) => tab.evaluate((url) => engine.putPicked(url, 60_000), `${server.url}${path}`)
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

/** How many requests a browser sends to one host at once over HTTP/1.1. */
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

/** What reading and sending a picked file give after it has changed on the disk. */
export async function findChanges(tab: Tab, server: PlainServer, { path }: DiskFile): Promise<Found> {
  const fill = (byte: number, size: number): Promise<void> => writeFile(path, Buffer.alloc(size, byte))
  const look = () => tab.evaluate(() => engine.readPicked())
  const lookAfter = async (change: () => Promise<void>): Promise<Read> => {
    await rm(path)
    await fill(1, mebibyte)
    await utimes(path, picked, picked)
    await tab.pick('#files', [path])
    await look()
    await change()
    return look()
  }
  const changed = (change: () => Promise<void>): Promise<Read> =>
    lookAfter(async () => {
      await change()
      await utimes(path, picked + 100, picked + 100)
    })
  const overwritten = await changed(() => fill(2, mebibyte))
  const longer = await changed(() => appendFile(path, 'more'))
  const shorter = await changed(() => fill(2, 10))
  const sent = await tab.evaluate((url) => engine.putPicked(url, 5_000), `${server.url}/shorter`)
  const untouched = await lookAfter(async () => {
    await fill(2, mebibyte)
    await utimes(path, picked + 0.25, picked + 0.25)
  })
  const gone = await lookAfter(() => rm(path))
  await fill(1, 1)
  return {
    '`lastModified` of a file of 0.5 s past': overwritten.lastModified % 1000 === 0 ? '0 ms' : '500 ms',
    'reading a file that was overwritten by as many bytes': inWords(overwritten.first),
    '… within the same second': inWords(untouched.first),
    'reading a file that has become longer': inWords(longer.first),
    'reading behind the end of one that has become shorter': inWords(shorter.last),
    'sending one that has become shorter':
      sent.outcome === 'timeout' ? 'the request waits for ever' : 'a network error',
    'reading a file that was removed': inWords(gone.first),
  }
}

/** What longhaul does if a file is overwritten by as many bytes while it is sent. Needs an open page and a slow storage. */
export async function findOverwritten(tab: Tab, { path, size }: DiskFile): Promise<Found> {
  await tab.pick('#files', [path])
  await tab.evaluate(() => harness.start(0))
  await untilStored(tab, 1)
  // The file must never be shorter meanwhile. Firefox would wait for ever for the rest, and the watchdog has its own test.
  const inPlace = await open(path, 'r+')
  await inPlace.write(Buffer.alloc(size, 2)).finally(() => inPlace.close())
  await utimes(path, picked, picked)
  const isOver = ({ status, reason }: Look): boolean =>
    status === 'done' || status === 'failed' || reason === 'needs-file'
  await untilLook(tab, isOver, 'the upload is over, or asks for the file')
  const { status } = await look(tab)
  const failed = async (): Promise<string> =>
    `the upload fails at its end (\`${(await end(tab)).error?.code}\`)`
  const untold = status === 'done' ? 'the object is made of both' : 'the upload asks for the file'
  const outcome = status === 'failed' ? await failed() : untold
  return { 'uploading a file that is overwritten by as many bytes meanwhile': outcome }
}

/** Seconds since 1970. */
const picked = 1_700_000_000.5

function inWords(read: string): string {
  const words: Readonly<Record<string, string>> = { 0: 'a zero', 1: 'its bytes', 2: 'the new bytes' }
  return words[read] ?? read
}
