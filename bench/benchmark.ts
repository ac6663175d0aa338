/** First every contender proves that the bytes arrive. Then come the rounds, in each of which everyone uploads once. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchBrowser } from './browser.ts'
import { buildLibrary, bundlePage } from './bundle.ts'
import { temporaryFolder } from './cleanup.ts'
import { type ContenderName, versionOf } from './contenders.ts'
import { makeFile } from './file.ts'
import { describeMachine, type Machine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { type Row, rotated, type Sample, toRow } from './rows.ts'
import { startSite } from './site.ts'
import { startStorage } from './storage.ts'
import { type Stage, uploadOnce } from './upload-once.ts'

export type Report = { readonly machine: Machine; readonly rows: readonly Row[] }

type Say = (line: string) => void

type Stages = {
  /** Its store keeps what it gets, so that it can be read back. */
  readonly proof: Stage
  /** Its store only digests: a store on the same machine must cost as little as it can. */
  readonly rounds: Stage
}

/** @param say Tells people what is going on. */
export async function benchmark(options: BenchOptions, say: Say): Promise<Report> {
  buildLibrary()
  const folder = temporaryFolder()
  const browserVersion = await findVersion(folder)
  const samples = await takeAll(options, await setUp(options, folder), say)
  const rows = options.contenders.map((contender) => {
    const whose = { contender, version: versionOf(contender, browserVersion) }
    return toRow(samples, whose, options.size)
  })
  return { machine: describeMachine(browserVersion), rows }
}

async function takeAll({ contenders, reps }: BenchOptions, stages: Stages, say: Say): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const contender of contenders) samples.push(await take('proof', contender, 0, stages.proof, say))
  for (let round = 0; round <= reps; round++) {
    const name = round === 0 ? 'warm-up' : `round ${round} of ${reps}`
    for (const contender of rotated(contenders, round)) {
      samples.push(await take(name, contender, round, stages.rounds, say))
    }
  }
  return samples
}

async function take(
  name: string,
  contender: ContenderName,
  round: number,
  stage: Stage,
  say: Say,
): Promise<Sample> {
  try {
    const { figures, key } = await uploadOnce(contender, stage)
    const ok = await stage.storage.has(stage.file, key)
    await stage.storage.remove(key)
    say(
      `${name}: ${contender} ${figures.seconds.toFixed(2)} s${ok ? '' : ', and the store has something else'}`,
    )
    return { contender, round, figures, ok }
  } catch (error) {
    say(`${name}: ${contender} failed: ${error instanceof Error ? error.message : String(error)}`)
    return { contender, round, figures: undefined, ok: false }
  }
}

async function setUp({ size, partSize, width }: BenchOptions, folder: string): Promise<Stages> {
  const page = join(folder, 'page')
  mkdirSync(page)
  await bundlePage(page)
  const file = await makeFile(join(folder, 'file.bin'), size, partSize)
  const stage = async (name: string, keeps: boolean): Promise<Stage> => {
    const storage = await startStorage({ directory: join(folder, name), keeps })
    const site = await startSite({ page, partSize, store: storage.place })
    return { folder, file, width, storage, site }
  }
  return { proof: await stage('kept', true), rounds: await stage('dropped', false) }
}

async function findVersion(folder: string): Promise<string> {
  const browser = await launchBrowser(folder)
  try {
    return await browser.version()
  } finally {
    await browser.close()
  }
}
