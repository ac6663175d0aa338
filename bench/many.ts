/**
 * What many files cost the page: 10,000 files of 1 KiB, added at once and uploaded through the demo's backend. Measures
 * the page's longest task while they are added and while they are sent, and whether a file costs more the more there
 * are. `npm run bench:many`, with `-- --json` for one JSON object and `-- --files 2000` for fewer.
 */
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { startDemo } from '../demo/server/demo.ts'
import { chromiumLaunch } from '../scripts/browser-path.js'

type Progress = { readonly files: { readonly done: number } }

type Uploader = {
  uploadFiles(files: readonly File[]): Promise<readonly PromiseLike<unknown>[]>
  on(event: 'progress', listener: (progress: Progress) => void): () => void
}

type Longhaul = {
  Uploader: new (options: object) => Uploader
  presigned(options: object): unknown
}

type Figures = {
  readonly files: number
  /** Milliseconds until `uploadFiles` has taken all of them. */
  readonly addMs: number
  /** Milliseconds of the longest task until then; 0 if none was longer than 50. */
  readonly longestWhileAdding: number
  /** Milliseconds until all are stored. */
  readonly allMs: number
  readonly longTasks: number
  readonly longestTask: number
  /** Progress events of the Uploader. */
  readonly events: number
  /** Milliseconds for each file, over the second tenth of the files and over the last. */
  readonly secondTenthMs: number
  readonly lastTenthMs: number
  /** Bytes of the script heap for each file that waits in line. */
  readonly heapPerFile: number
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, files: { type: 'string', default: '10000' } },
})
const page = new URL('../e2e/harness', import.meta.url).pathname

async function measure(count: number): Promise<Figures> {
  const demo = await startDemo({ page, environment: {} })
  const browser = await chromium.launch({
    ...chromiumLaunch(chromium.executablePath()),
    args: ['--enable-precise-memory-info', '--js-flags=--expose-gc', '--no-sandbox'],
  })
  try {
    const tab = await browser.newPage()
    await tab.goto(demo.url)
    return await tab.evaluate(uploadMany, count)
  } finally {
    await browser.close()
    await demo.close()
  }
}

/** Runs in the page. */
async function uploadMany(count: number): Promise<Figures> {
  const { Uploader, presigned } = (globalThis as unknown as { longhaul: Longhaul }).longhaul
  const uploader = new Uploader({ backend: presigned({ baseUrl: '/api/presigned' }) })
  const content = crypto.getRandomValues(new Uint8Array(1024))
  const files = Array.from({ length: count }, (_, index) => new File([content], `file-${index}`))
  const tasks: { readonly start: number; readonly end: number; readonly duration: number }[] = []
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      tasks.push({ start: startTime, end: startTime + duration, duration })
  }).observe({ type: 'longtask' })
  /** A garbage collection is a long task too, but not one of ours. */
  const collections: number[] = []
  const heap = (): number => {
    collections.push(performance.now())
    ;(globalThis as { gc?: () => void }).gc?.()
    return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize
  }

  let events = 0
  const doneAt: number[] = []
  uploader.on('progress', ({ files: { done } }) => {
    events += 1
    while (doneAt.length < done) doneAt.push(performance.now())
  })
  const before = heap()
  await new Promise((resolve) => setTimeout(resolve, 100))
  const begun = performance.now()
  const uploads = await uploader.uploadFiles(files)
  const added = performance.now()
  await new Promise((resolve) => setTimeout(resolve))
  const heapPerFile = (heap() - before) / count
  await Promise.all(uploads)
  const ended = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 200))
  const at = (share: number): number => doneAt[Math.floor(share * count) - 1] ?? ended
  const ours = tasks.filter(({ start, end }) => !collections.some((time) => time >= start && time <= end))
  const longest = (some: typeof tasks): number => Math.max(0, ...some.map(({ duration }) => duration))
  return {
    files: count,
    addMs: added - begun,
    longestWhileAdding: longest(ours.filter(({ start }) => start >= begun && start <= added)),
    allMs: ended - begun,
    longTasks: ours.length,
    longestTask: longest(ours),
    events,
    secondTenthMs: (at(0.2) - at(0.1)) / (count / 10),
    lastTenthMs: (at(1) - at(0.9)) / (count / 10),
    heapPerFile,
  }
}

const figures = await measure(Number(values.files))
if (values.json) console.log(JSON.stringify(figures))
else
  for (const [name, value] of Object.entries(figures)) console.log(`${name.padEnd(20)} ${value.toFixed(1)}`)
