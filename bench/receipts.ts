/**
 * What a receipt costs, and whether it costs more the more there are: 10,000 one after the other in Chromium's
 * IndexedDB, timed by the thousand. `npm run bench:receipts`, with `-- --json` for one JSON object.
 */
import { chromium } from 'playwright'
import { startDemo } from '../demo/server/demo.ts'
import { chromiumLaunch } from '../scripts/browser-path.js'

type CheckpointStore = {
  save(checkpoint: unknown): Promise<void>
  addReceipt(key: string, receipt: unknown): Promise<void>
  load(key: string): Promise<{ readonly receipts: readonly unknown[] }>
}

declare global {
  var longhaul: { indexedDbCheckpoints(database: string): CheckpointStore }
}

type Round = {
  /** Milliseconds for each receipt, by the thousand. */
  readonly thousands: readonly number[]
  /** Milliseconds to load all of them. */
  readonly load: number
}

const rounds = 5
const page = new URL('../e2e/harness', import.meta.url).pathname

async function measure(): Promise<readonly Round[]> {
  const demo = await startDemo({ page, environment: {} })
  const browser = await chromium.launch(chromiumLaunch(chromium.executablePath()))
  try {
    const tab = await browser.newPage()
    await tab.goto(demo.url)
    const measured: Round[] = []
    // The first round warms the engine up and does not count.
    for (let round = 0; round <= rounds; round++)
      measured.push(await tab.evaluate(tenThousand, `receipts-${round}`))
    return measured.slice(1)
  } finally {
    await browser.close()
    await demo.close()
  }
}

/** Runs in the page. */
async function tenThousand(database: string): Promise<Round> {
  const store = longhaul.indexedDbCheckpoints(database)
  await store.save({ version: 1, key: 'k', stage: 'opened' })
  const thousands: number[] = []
  for (let thousand = 0; thousand < 10; thousand++) {
    const begun = performance.now()
    for (let index = 1; index <= 1000; index++) {
      const number = thousand * 1000 + index
      const receipt = {
        number,
        size: 8_388_608,
        etag: '"0123456789abcdef0123456789abcdef"',
        md5: '0123456789abcdef0123456789abcdef',
      }
      await store.addReceipt('k', receipt)
    }
    thousands.push((performance.now() - begun) / 1000)
  }
  const started = performance.now()
  const { receipts } = await store.load('k')
  if (receipts.length !== 10_000) throw new Error(`${receipts.length} receipts of 10,000`)
  return { thousands, load: performance.now() - started }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

const measured = await measure()
const first = median(measured.map(({ thousands }) => thousands[0] ?? 0))
const last = median(measured.map(({ thousands }) => thousands[9] ?? 0))
const load = median(measured.map((round) => round.load))
const figures = { rounds, firstThousandMs: first, lastThousandMs: last, ratio: last / first, loadMs: load }
if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
else {
  console.log(
    `writing a receipt: ${first.toFixed(3)} ms in the first thousand, ${last.toFixed(3)} ms in the last, ratio ${(last / first).toFixed(2)}`,
  )
  console.log(`loading 10,000 receipts: ${load.toFixed(0)} ms`)
}
