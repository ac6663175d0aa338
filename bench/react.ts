/**
 * What a list of 1,000 uploads costs a React page while each of them reports its progress ten times a second. `npm run
 * bench:react`, with `-- --json` for one JSON object and `-- --uploads 100` for fewer.
 */
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { type CDPSession, chromium, type Page } from 'playwright'
import { chromiumLaunch } from '../scripts/browser-path.js'

type Figures = {
  readonly uploads: number
  /** Milliseconds between two frames. */
  readonly frameMedian: number
  readonly frameP95: number
  /** Milliseconds for which the page's main thread was busy, for each frame of a sixtieth of a second. */
  readonly busy: number
  /** Of these, the milliseconds in scripts: React's and longhaul's. */
  readonly scripts: number
}

declare global {
  var bench: { begin(count: number): Promise<void>; frames(count: number): Promise<readonly number[]> }
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, uploads: { type: 'string', default: '1000' } },
})
const rounds = 5
const framesOfARound = 120

async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('react/page.tsx', import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': '"http://localhost/"' },
  })
  return outputFiles[0]?.text ?? ''
}

/** Seconds since the page began. */
async function spent(session: CDPSession): Promise<{ readonly task: number; readonly script: number }> {
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0
  return { task: of('TaskDuration'), script: of('ScriptDuration') }
}

async function measure(uploads: number): Promise<Figures> {
  const browser = await chromium.launch(chromiumLaunch(chromium.executablePath()))
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ content: await script() })
    await page.evaluate((count) => bench.begin(count), uploads)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    // The first round warms the engine up and does not count.
    const measured = []
    for (let round = 0; round <= rounds; round++) measured.push(await measureRound(page, session))
    const counted = measured.slice(1)
    const times = counted.flatMap(({ frames }) => frames).sort((a, b) => a - b)
    return {
      uploads,
      frameMedian: at(times, 0.5),
      frameP95: at(times, 0.95),
      busy: median(counted.map(({ busy }) => busy)),
      scripts: median(counted.map(({ scripts }) => scripts)),
    }
  } finally {
    await browser.close()
  }
}

type Round = { readonly frames: readonly number[]; readonly busy: number; readonly scripts: number }

async function measureRound(page: Page, session: CDPSession): Promise<Round> {
  const before = await spent(session)
  const frames = await page.evaluate((count) => bench.frames(count), framesOfARound)
  const after = await spent(session)
  const sixtieths = frames.reduce((sum, frame) => sum + frame, 0) / (1000 / 60)
  return {
    frames,
    busy: ((after.task - before.task) * 1000) / sixtieths,
    scripts: ((after.script - before.script) * 1000) / sixtieths,
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}

function median(values: readonly number[]): number {
  return at(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

const figures = await measure(Number(values.uploads))
if (values.json) console.log(JSON.stringify(figures))
else
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(14)} ${value.toFixed(1)}`)
