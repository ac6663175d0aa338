/**
 * The scenario `hash`: how fast files are digested, compared with reading them by the same slices, and what a CRC32C of
 * each part costs an upload.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from './browser.ts'
import type { Page } from './browser-page.ts'
import { buildLibrary } from './bundle.ts'
import { temporaryFolder } from './cleanup.ts'
import { forgetFile } from './forget-file.ts'
import {
  type DigestRow,
  type DigestSample,
  digestRows,
  type Source,
  type UploadRow,
  uploadRow,
} from './hash-rows.ts'
import { describeMachine, type Machine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import type { ReadReport } from './page/digests.ts'
import type { Row } from './rows.ts'
import { makeProps, openStage, type Stage } from './stage.ts'

export type HashReport = { readonly machine: Machine; readonly rows: readonly (DigestRow | UploadRow)[] }

type Say = (line: string) => void

const algorithms = [
  'xxhash64',
  'xxhash3',
  'xxhash128',
  'xxhash32',
  'crc32',
  'crc32c',
  'crc64nvme',
  'md5',
  'sha1',
  'sha256',
  'blake3',
] as const

/**
 * How often an algorithm digests the file in a round, from the disk and from the system's memory. An algorithm as fast
 * as the read is compared with a bar, and single reads differ by half.
 */
const passes = { fast: 8, slow: 2 } as const

export async function hashBench(options: BenchOptions, say: Say): Promise<HashReport> {
  buildLibrary()
  const folder = temporaryFolder()
  const props = await makeProps({ ...options, contenders: [] }, folder)
  const stage = await openStage({ ...options, contenders: [] }, props, false)
  const browser = await launchBrowser(folder)
  try {
    const version = await browser.version()
    const page = await browser.open(stage.site.url)
    const samples = await measure(page, stage, options, say)
    const rows = digestRows(samples, options.size)
    return { machine: describeMachine(version), rows: [...rows, ...uploads(options, say)] }
  } finally {
    await browser.close()
  }
}

async function measure(
  page: Page,
  stage: Stage,
  { reps, size }: BenchOptions,
  say: Say,
): Promise<readonly DigestSample[]> {
  await page.evaluate(`import('/digests.js')`)
  await page.pickFiles(
    'input',
    stage.files.map(({ path }) => path),
  )
  const path = stage.files[0]?.path ?? ''
  const run = async (call: string, source: Source): Promise<ReadReport> => {
    if (source === 'disk') forgetFile(path)
    return (await page.evaluate(`digests.${call}`)) as ReadReport
  }
  const sources = sourcesOf(path, say)
  // Once before it counts.
  await run('read()', 'cache')
  const samples: DigestSample[] = []
  for (let round = 1; round <= reps; round++) {
    for (const algorithm of algorithms) {
      const memory = (await page.evaluate(`digests.fromMemory('${algorithm}')`)) as number
      for (const source of sources) {
        let before = await run('read()', source)
        const isFast = memory > size / before.ms
        for (let pass = 0; pass < (isFast ? passes.fast : passes.slow); pass++) {
          const { ms, longTasks } = await run(`digest('${algorithm}')`, source)
          const after = await run('read()', source)
          // Before and after, because what the machine does besides changes from second to second.
          const bareMs = (before.ms + after.ms) / 2
          samples.push({ algorithm, source, bareMs, ms, longTasks, memory })
          const what = `round ${round} of ${reps}: ${algorithm} from the ${source}`
          say(`${what} ${ms.toFixed(0)} ms, bare ${bareMs.toFixed(0)} ms`)
          before = after
        }
      }
    }
  }
  return samples
}

function sourcesOf(path: string, say: Say): readonly Source[] {
  if (forgetFile(path)) return ['disk', 'cache']
  say('this system cannot drop a file from its cache: nothing is read from the disk')
  return ['cache']
}

/** In processes of their own, because a slow network needs one of its own. */
function uploads({ reps }: BenchOptions, say: Say): readonly UploadRow[] {
  return (['hash-line', 'hash-loopback'] as const).map((scenario) => {
    say(`uploads: ${scenario}`)
    const script = fileURLToPath(new URL('run.ts', import.meta.url))
    const parameters = [script, '--scenario', scenario, '--reps', String(reps), '--json']
    const { stdout } = spawnSync(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
    const { rows } = JSON.parse(String(stdout)) as { readonly rows: readonly Row[] }
    return uploadRow(scenario, rows)
  })
}
