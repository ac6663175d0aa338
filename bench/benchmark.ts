/**
 * First every contender proves that its bytes arrive. Then come the rounds, in each of which every contender uploads
 * once.
 */
import { launchBrowser } from './browser.ts'
import { buildLibrary } from './bundle.ts'
import { temporaryFolder } from './cleanup.ts'
import { type ContenderName, versionOf, whyNot } from './contenders.ts'
import { describeMachine, type Machine } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { type Row, rotated, type Sample, toRows } from './rows.ts'
import { scenario } from './scenarios.ts'
import { makeProps, openStage, type Stage } from './stage.ts'
import { uploadOnce } from './upload-once.ts'

export type Report = { readonly machine: Machine; readonly rows: readonly Row[] }

type Say = (line: string) => void

/** @param say Tells people what is going on. */
export async function benchmark(options: BenchOptions, say: Say): Promise<Report> {
  buildLibrary()
  const folder = temporaryFolder()
  const browserVersion = await findVersion(folder)
  const samples = await takeAll(options, folder, say)
  const whose = options.contenders.map((contender) => ({
    contender,
    version: versionOf(contender, browserVersion),
    cannot: whyNot(contender, options.scenario),
  }))
  const rows = toRows(samples, whose, {
    size: options.size * options.files,
    references: scenario(options.scenario).reference,
  })
  return { machine: describeMachine(browserVersion), rows }
}

async function takeAll(options: BenchOptions, folder: string, say: Say): Promise<readonly Sample[]> {
  const props = await makeProps(options, folder)
  const { keeps } = scenario(options.scenario)
  const contenders = options.contenders.filter((name) => whyNot(name, options.scenario) === undefined)
  const proof = await openStage(options, props, true)
  // A store on the same machine should cost as little as possible.
  const rounds = keeps ? proof : await openStage(options, props, false)
  const samples: Sample[] = []
  if (!keeps) for (const contender of contenders) samples.push(await take('proof', contender, 0, proof, say))
  for (let round = keeps ? 1 : 0; round <= options.reps; round++) {
    const name = round === 0 ? 'warm-up' : `round ${round} of ${options.reps}`
    for (const contender of rotated(contenders, round))
      samples.push(await take(name, contender, round, rounds, say))
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
    const { figures, ok } = await uploadOnce(contender, stage)
    say(`${name}: ${contender} ${figures.seconds.toFixed(2)} s${ok ? '' : ', but the stored object differs'}`)
    return { contender, round, figures, ok, reason: ok ? undefined : 'the stored object differs' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`${name}: ${contender} failed: ${reason}`)
    return { contender, round, figures: undefined, ok: false, reason }
  }
}

async function findVersion(folder: string): Promise<string> {
  const browser = await launchBrowser(folder)
  try {
    return await browser.version()
  } finally {
    await browser.close()
  }
}
