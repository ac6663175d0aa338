/** Measures in a real Chromium what uploads of one shape cost the page and the server. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from '../browser.ts'
import { bundleScript } from '../bundle.ts'
import { startScript } from '../child.ts'
import { machineRests } from '../rest.ts'
import type { CallCount, SinkReport } from '../soak/sink.ts'
import { makeSparseFile } from '../soak/sparse.ts'
import type { Costs } from './costs.ts'
import type { Writes } from './page.ts'

export type Shape = {
  readonly files: number
  /** Of each file. */
  readonly parts: number
  /** Bytes. */
  readonly partSize: number
  readonly checksum?: 'crc32c'
}

const control = ['startUpload', 'getUploadUrls', 'complete']

/** In a browser of its own. @returns The cost of everything together. */
export async function measure(parent: string, shape: Shape): Promise<Costs & { readonly browser: string }> {
  const folder = mkdtempSync(join(parent, 'shape-'))
  const paths = await makeFiles(folder, shape)
  const url = await startSink(folder, shape)
  const browser = await launchBrowser(folder)
  try {
    const page = await browser.open(url)
    await page.pickFiles('input', paths)
    await machineRests()
    const before = await page.mainThread()
    const options = shape.checksum === undefined ? {} : { checksum: shape.checksum }
    const writes = (await page.evaluate(`costs.upload(${JSON.stringify(options)})`)) as Writes
    const after = await page.mainThread()
    const sink = (await (await fetch(`${url}/sink/report`)).json()) as SinkReport
    if (sink.completed !== shape.files || sink.faultCount > 0)
      throw new Error(`${sink.completed} of ${shape.files} files have arrived; ${sink.faults.join('; ')}`)
    return {
      ...counted(sink, writes),
      mainThread: after.task - before.task,
      browser: await browser.version(),
    }
  } finally {
    await browser.close()
  }
}

function counted({ calls }: SinkReport, writes: Writes): Omit<Costs, 'mainThread'> {
  const some = (names: readonly string[], value: (count: CallCount) => number): number =>
    names.reduce((sum, name) => sum + (calls[name] === undefined ? 0 : value(calls[name])), 0)
  return {
    controlCalls: some(control, (count) => count.calls),
    sentJson: some(control, ({ sent }) => sent),
    answeredJson: some(control, ({ answered }) => answered),
    puts: some(['part'], (count) => count.calls),
    preflights: some(['preflight'], (count) => count.calls),
    transactions: writes.transactions,
    records: writes.puts,
    recordBytes: writes.bytes,
  }
}

async function makeFiles(folder: string, { files, parts, partSize }: Shape): Promise<readonly string[]> {
  const paths = Array.from({ length: files }, (_, index) => join(folder, `file-${index}.bin`))
  for (const path of paths) await makeSparseFile(path, parts * partSize, partSize)
  return paths
}

async function startSink(folder: string, { partSize }: Shape): Promise<string> {
  const page = join(folder, 'page')
  mkdirSync(page)
  await bundleScript(page, 'costs/page.ts')
  const script = fileURLToPath(new URL('../soak/sink.ts', import.meta.url))
  const { said } = await startScript(script, [JSON.stringify({ page, partSize })])
  return (said as { readonly url: string }).url
}
