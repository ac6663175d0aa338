/**
 * A part that needs a digest can be streamed by the browser while a worker reads it a second time. Or a worker can read
 * it once, and digest and send the same bytes. `npm run bench:reading` finds out which is faster, by engine and part
 * size.
 *
 *   npm run bench:reading -- --engines firefox --parts 5MiB,64MiB --size 128MiB --reps 1
 *
 * `--json` prints one JSON object. Each way is compared with a loop that digests nothing, in the same round and engine.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromiumEngine, firefoxEngine } from '../../e2e/engines/drivers/playwright.ts'
import { webkitEngine } from '../../e2e/engines/drivers/webkit.ts'
import type { Engine, Tab } from '../../e2e/engines/engine.ts'
import { bundlePage } from '../bundle.ts'
import { cleanUpAtExit, temporaryFolder } from '../cleanup.ts'
import { makeFile } from '../file.ts'
import { describeMachine } from '../machine.ts'
import { parseOptions } from '../options.ts'
import type { Settings } from '../page/contender.ts'
import type { PageReport } from '../page/main.ts'
import { machineRests } from '../rest.ts'
import { formatSize, parseSize } from '../size.ts'
import { openStage, type Stage, settingsFor } from '../stage.ts'
import { formatReading, type ReadingSample, readingRows, type Way, ways } from './rows.ts'

type BenchPage = {
  readonly bench: { load(name: string): Promise<void>; run(settings: Settings): Promise<PageReport> }
}

const engines = { chromium: chromiumEngine, firefox: firefoxEngine, webkit: webkitEngine }
type EngineId = keyof typeof engines

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: Object.keys(engines).join(',') },
    parts: { type: 'string', default: '5MiB,16MiB,64MiB' },
    size: { type: 'string', default: '256MiB' },
    reps: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const chosen = values.engines.split(',').map(engineNamed)
const partSizes = values.parts.split(',').map((text) => bytesOf('--parts', text))
const size = bytesOf('--size', values.size)
const reps = Number(values.reps)
if (!(Number.isInteger(reps) && reps > 0)) usage(`Expected --reps to be a whole number, got "${values.reps}"`)

cleanUpAtExit()
const folder = temporaryFolder()
const page = join(folder, 'page')
await bundlePage(page, [...ways])
const samples: ReadingSample[] = []
const versions: string[] = []
for (const id of chosen) {
  const engine = await engines[id]()
  versions.push(`${engine.name} ${engine.version}`)
  for (const partSize of partSizes) samples.push(...(await measure(engine, partSize)))
  await engine.close()
}
const rows = readingRows(samples)
const machine = { ...describeMachine(''), browser: versions.join(', ') }
console.log(
  values.json
    ? JSON.stringify({ machine, date: new Date().toISOString(), size, rows })
    : formatReading(machine, rows),
)
process.exit()

/** The first round warms everything up and does not count. */
async function measure(engine: Engine, partSize: number): Promise<readonly ReadingSample[]> {
  const place = temporaryFolder()
  const file = await makeFile(join(place, 'file.bin'), size, partSize)
  const options = { ...parseOptions(['--scenario', 'reading']), size, partSize }
  const stage = await openStage(options, { folder: place, page, files: [file] }, false)
  const measured: ReadingSample[] = []
  for (let round = 0; round <= reps; round++) {
    for (const way of ways) {
      const ms = await uploadOnce(engine, stage, way)
      console.error(
        `${engine.name}, parts of ${formatSize(partSize)}, round ${round}: ${way} ${ms.toFixed(0)} ms`,
      )
      if (round > 0) measured.push({ engine: engine.name, partSize, round, way, ms })
    }
  }
  return measured
}

async function uploadOnce(engine: Engine, stage: Stage, way: Way): Promise<number> {
  const profile = await engine.newProfile()
  try {
    const tab = await profile.newTab()
    await tab.open(stage.site.url)
    await tab.evaluate((name) => (globalThis as unknown as BenchPage).bench.load(name), way)
    await tab.pick(
      'input',
      stage.files.map(({ path }) => path),
    )
    await stage.storage.begin([])
    await machineRests()
    const { ms, keys } = await run(tab, settingsFor(way, stage))
    for (const [index, file] of stage.files.entries()) {
      const key = keys[index] ?? ''
      if (!(await stage.storage.has(file, key)))
        throw new Error(`${way} in ${engine.name}: the stored object differs`)
      await stage.storage.remove(key)
    }
    return ms
  } finally {
    await profile.close()
  }
}

function run(tab: Tab, settings: Settings): Promise<PageReport> {
  return tab.evaluate((given) => (globalThis as unknown as BenchPage).bench.run(given), settings)
}

function engineNamed(name: string): EngineId {
  if (Object.hasOwn(engines, name)) return name as EngineId
  return usage(`Expected --engines to be some of ${Object.keys(engines).join(', ')}, got "${name}"`)
}

function bytesOf(flag: string, text: string): number {
  return parseSize(text) || usage(`Expected ${flag} to be a size such as 16MiB, got "${text}"`)
}

function usage(message: string): never {
  console.error(message)
  process.exit(2)
}
