/** The CDN builds in handwritten pages: from every origin, and under a policy that forbids blob: workers and WebAssembly. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from '@playwright/test'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import { type CdnFile, cdnFiles, integrityOf } from '../scripts/integrity.ts'
import { type CdnServer, startCdn } from './cdn/cdn-server.ts'
import { pageWith, type Uploaded } from './cdn/page.ts'
import { type DiskFile, objectSha256 } from './files.ts'
import { test as base, expect, mebibyte, partSize } from './fixtures.ts'

const test = base.extend<{ cdn: CdnServer }>({
  cdn: async ({ demo }, use) => {
    const cdn = await startCdn(demo.url)
    await use(cdn)
    await cdn.close()
  },
})

/** Allows scripts from anywhere, but no blob: workers and no WebAssembly. */
const strict =
  "default-src 'none'; script-src 'unsafe-inline' http: file:; worker-src http:; connect-src http:"

const policies = [
  ['without a policy', undefined],
  ['under a policy without blob: workers and WebAssembly', strict],
] as const

/** URLs of the workers that the page starts from now on. */
function workersOf(page: Page): readonly string[] {
  const urls: string[] = []
  page.on('worker', (worker) => urls.push(worker.url()))
  return urls
}

async function upload(page: Page, file: DiskFile): Promise<Uploaded> {
  await page.waitForFunction(() => 'uploaded' in globalThis)
  await page.locator('input').setInputFiles(file.path)
  return page.evaluate(() => uploaded())
}

async function expectArrived({ s3, bucket }: Demo, ended: Uploaded, file: DiskFile): Promise<void> {
  expect(ended.error).toBeUndefined()
  expect(ended.size).toBe(file.size)
  expect(await objectSha256(s3, bucket, ended.key ?? '')).toBe(file.sha256)
}

/** Digests come from the build's own worker if the policy allows it, and otherwise from the main thread, with a warning. */
function expectDigested(
  { warnings, checksums }: Uploaded,
  workers: readonly string[],
  policy?: string,
): void {
  expect(checksums).toMatchObject({ crc32c: expect.stringMatching(/^[0-9a-f]{8}$/) })
  expect(warnings).toEqual(policy === undefined ? [] : ['hashing'])
  if (policy !== undefined) return expect(workers).toEqual([])
  expect(workers.length).toBeGreaterThan(0)
  expect(workers.filter((url) => !url.startsWith('blob:'))).toEqual([])
}

/** Writes the page to a folder of its own. @returns Its path. */
function write(folder: string, page: string): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'index.html')
  writeFileSync(path, page)
  return path
}

for (const [how, policy] of policies) {
  for (const file of cdnFiles) {
    for (const place of ["the page's own origin", 'another origin']) {
      test(`${file} from ${place} uploads ${how}`, async ({ page, cdn, makeFile }, testInfo) => {
        const folder = testInfo.outputPath('page')
        const from = place === 'another origin' ? cdn.url : ''
        write(folder, pageWith({ file, from, api: '/api/presigned', policy }))
        const demo = await startDemo({ page: folder, partSize, environment: {} })
        const [workers, picked] = [workersOf(page), await makeFile('file.bin', 11 * mebibyte + 3)]
        await page.goto(demo.url)
        const ended = await upload(page, picked)
        await expectArrived(demo, ended, picked)
        expectDigested(ended, workers, policy)
        await demo.close()
      })
    }

    // Chromium loads no modules from file: URLs, so the module comes from the CDN.
    const isBeside = file === 'longhaul.global.js'
    test(`${file} in a file: page uploads ${how}`, async ({ demo, page, cdn, makeFile }, testInfo) => {
      const folder = testInfo.outputPath('page')
      const from = isBeside ? '.' : cdn.url
      const path = write(folder, pageWith({ file, from, api: `${cdn.url}/api/presigned`, policy }))
      if (isBeside) copyFileSync(fromDist(file), join(folder, file))
      const [workers, picked] = [workersOf(page), await makeFile('file.bin', 11 * mebibyte + 3)]
      await page.goto(pathToFileURL(path).href)
      const ended = await upload(page, picked)
      await expectArrived(demo, ended, picked)
      expectDigested(ended, workers, policy)
    })
  }
}

for (const file of cdnFiles) {
  test(`the browser refuses ${file} if its hash is not the one that the build prints`, async ({
    page,
    cdn,
  }, testInfo) => {
    const options = { file, from: cdn.url, api: cdn.url, integrity: integrityOf(other(file)) }
    const refused: string[] = []
    page.on('console', (message) => refused.push(message.text()))
    await page.goto(pathToFileURL(write(testInfo.outputPath('page'), pageWith(options))).href)
    expect(refused.join('\n')).toContain('integrity')
    expect(await page.evaluate(() => 'uploaded' in globalThis)).toBe(false)
  })
}

test('the ten lines of demo/cdn.html upload a file', async ({ demo, page, makeFile }) => {
  const file = await makeFile('ten.bin', 9 * mebibyte)
  await page.goto(`${demo.url}/cdn.html`)
  await page.locator('input').setInputFiles(file.path)
  const output = page.locator('output')
  await expect(output).toHaveText(/ten\.bin$/)
  expect(await objectSha256(demo.s3, demo.bucket, (await output.textContent()) ?? '')).toBe(file.sha256)
})

test('importing the module in a worker adds no globals', async ({ page, demo }) => {
  await page.goto(`${demo.url}/cdn.html`)
  const left = await page.evaluate(() => {
    const names = 'Object.getOwnPropertyNames(self)'
    const script = `const before = ${names}
      import(${JSON.stringify(`${location.origin}/longhaul.min.js`)}).then(({ Uploader }) =>
        postMessage([typeof Uploader, ...${names}.filter((name) => !before.includes(name))]))`
    const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
    return new Promise((resolve) => {
      new Worker(url, { type: 'module' }).onmessage = ({ data }) => resolve(data)
    })
  })
  expect(left).toEqual(['function'])
})

function other(file: CdnFile): CdnFile {
  return file === 'longhaul.min.js' ? 'longhaul.global.js' : 'longhaul.min.js'
}

function fromDist(file: CdnFile): string {
  return new URL(`../dist/${file}`, import.meta.url).pathname
}
