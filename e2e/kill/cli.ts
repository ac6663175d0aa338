/**
 * The long form: `npm run e2e:kill -- --runs 100 --seed 1`. Exits with 1 at the first broken promise. The last line has the
 * figures.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDemo } from '../../demo/server/demo.ts'
import { mebibyte, writeRandom } from '../files.ts'
import { type KillReport, killRun } from './kill-run.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
})
const [runs, first] = [wholeNumber('runs', values.runs), wholeNumber('seed', values.seed)]

const folder = await mkdtemp(join(tmpdir(), 'longhaul-kill-file-'))
const demo = await startDemo({
  page: new URL('../harness', import.meta.url).pathname,
  partSize: 5 * mebibyte,
  environment: {},
})
const reports: KillReport[] = []
try {
  if (demo.store === undefined) throw new Error('the kill runs need the embedded store')
  const file = await writeRandom(join(folder, 'file.bin'), 52 * mebibyte)
  for (let seed = first; seed < first + runs; seed++) {
    const report = await killRun(seed, demo, demo.store, file)
    reports.push(report)
    console.log(
      `seed ${seed}: killed in ${report.killedIn.join(', ')}; ${report.acknowledged} acknowledged, ${report.resent} resent`,
    )
  }
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await demo.close()
  await rm(folder, { recursive: true, force: true })
}
const total = (count: (report: KillReport) => number): number =>
  reports.reduce((sum, one) => sum + count(one), 0)
console.log(
  `${reports.length} of ${runs} runs kept every promise: ${total(({ killedIn }) => killedIn.length)} kills, ` +
    `${total(({ acknowledged }) => acknowledged)} parts acknowledged before a kill and none of them sent again, ` +
    `${total(({ resent }) => resent)} parts sent twice because their answer came within 100 ms of a kill`,
)

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  console.error(`Expected --${name} to be a whole number >= 1, got "${text}"`)
  process.exit(2)
}
