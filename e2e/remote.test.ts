/** An Uploader in a worker, in a real browser: the samples of docs/in-a-worker.md, and what can happen to its uploads. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import type { InterruptedUpload } from '../src/index.ts'
import type { RemoteUpload, RemoteUploader } from '../src/remote/index.ts'
import { objectSha256, writeLookalikes } from './files.ts'
import {
  test as base,
  count,
  type DiskFile,
  expect,
  expectStored,
  mebibyte,
  partSize,
  partsStored,
  slow,
  unfinished,
} from './fixtures.ts'

const root = resolve(import.meta.dirname, '..')

declare global {
  var remote: RemoteUploader
  var upload: RemoteUpload
  var left: readonly InterruptedUpload<RemoteUpload>[]
}

/** The document's samples in this language, in order. */
function samplesOf(language: 'ts' | 'tsx'): (string | undefined)[] {
  const text = readFileSync(join(root, 'docs/in-a-worker.md'), 'utf8')
  return [...text.matchAll(/```(tsx?)\n([\s\S]*?)```/g)].flatMap(([, found, code]) =>
    found === language ? [code] : [],
  )
}

const [workerCode = '', pageCode = ''] = samplesOf('ts')
const [reactCode = ''] = samplesOf('tsx')

const sharedWorkerCode = samplesOf('ts').find((code) => code?.includes("addEventListener('connect'")) ?? ''

/** Adds the demo server's abort endpoint, so that cancelled uploads leave nothing on it. */
function onDemo(code: string): string {
  return code.replace("baseUrl: '/api'", "baseUrl: '/api/presigned', endpoints: { abort: '/abort' }")
}

async function bundled(contents: string): Promise<string> {
  const alias = {
    longhaul: resolve(root, 'src/index.ts'),
    'longhaul/react': resolve(root, 'src/react/index.ts'),
    'longhaul/remote': resolve(root, 'src/remote/index.ts'),
  }
  const stdin = { contents, loader: 'tsx', resolveDir: root } as const
  const options = { alias, bundle: true, format: 'esm', jsx: 'automatic', write: false } as const
  const { outputFiles } = await build({ ...options, stdin })
  return outputFiles[0]?.text ?? ''
}

/** Writes a page, its worker and its SharedWorker as a bundler would. */
async function writeSite(folder: string, page: string, policy: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const meta = policy && `<meta http-equiv="Content-Security-Policy" content="${policy}" />`
  const html = `${meta}<input type="file" multiple><script type="module" src="/page.js"></script>`
  writeFileSync(join(folder, 'index.html'), html)
  writeFileSync(join(folder, 'page.js'), await bundled(page))
  writeFileSync(join(folder, 'upload-worker.js'), await bundled(onDemo(workerCode)))
  writeFileSync(join(folder, 'shared-upload-worker.js'), await bundled(onDemo(sharedWorkerCode)))
}

const test = base.extend<{ readonly siteOf: (page: string, policy?: string) => Promise<Demo> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
  siteOf: async ({}, use, testInfo) => {
    const demos: Demo[] = []
    await use(async (page, policy = '') => {
      const folder = testInfo.outputPath('site')
      await writeSite(folder, page, policy)
      const demo = await startDemo({ page: folder, partSize, environment: {} })
      demos.push(demo)
      return demo
    })
    for (const demo of demos) await demo.close()
  },
})

const bare = `
import { RemoteUploader } from 'longhaul/remote'
globalThis.remote = new RemoteUploader(new Worker('/upload-worker.js', { type: 'module' }))
`

const shared = `
import { RemoteUploader } from 'longhaul/remote'
globalThis.remote = new RemoteUploader(() => new SharedWorker('/shared-upload-worker.js', { type: 'module' }))
`

async function open(page: Page, demo: Demo): Promise<void> {
  await page.goto(demo.url)
  await page.waitForFunction(() => 'remote' in globalThis)
}

async function begin(page: Page, file: DiskFile): Promise<void> {
  await page.locator('input').setInputFiles(file.path)
  await page.evaluate(() => {
    const [picked] = document.querySelector('input')?.files ?? []
    if (picked === undefined) throw new Error('no file was picked')
    globalThis.upload = remote.uploadFile(picked)
    upload.catch(() => {})
  })
}

type InTheMiddle = { readonly demo: Demo; readonly file: DiskFile; readonly stored: readonly number[] }

/** Starts an upload, and waits until some of its parts are stored. */
async function inTheMiddle(
  page: Page,
  siteOf: (page: string) => Promise<Demo>,
  makeFile: (name: string, size: number) => Promise<DiskFile>,
): Promise<InTheMiddle> {
  const demo = await siteOf(bare)
  slow(storeOf(demo), 1)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await open(page, demo)
  await begin(page, file)
  const storedNow = (): Promise<number[]> =>
    page.evaluate(() => upload.parts().flatMap(({ number, status }) => (status === 'stored' ? [number] : [])))
  await expect.poll(async () => (await storedNow()).length, { timeout: 60_000 }).toBeGreaterThan(0)
  return { demo, file, stored: await storedNow() }
}

async function expectArrived(demo: Demo, page: Page, file: DiskFile): Promise<void> {
  const result = await page.evaluate(async () => upload)
  await expectStored(demo, { result, states: [], confirmed: [], hashed: [], stored: [], warnings: [] }, file)
}

function storeOf({ store }: Demo): NonNullable<Demo['store']> {
  if (store === undefined) throw new Error('this test is about the embedded store')
  return store
}

test("the document's sample uploads files through the worker and shows their progress", async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(pageCode)
  const words: string[] = []
  page.on('console', (message) => words.push(message.text()))
  await page.goto(demo.url)
  const files = [await makeFile('one.bin', 23 * mebibyte + 1), await makeFile('two.txt', 5)]
  await page.locator('input').setInputFiles(files.map(({ path }) => path))
  const keys = (): string[] => words.flatMap((one) => one.split(' is stored as ')[1] ?? [])
  await expect.poll(() => keys().length, { timeout: 60_000 }).toBe(2)
  for (const [index, file] of files.entries())
    expect(await objectSha256(demo.s3, demo.bucket, keys()[index] ?? '')).toBe(file.sha256)
  expect(words).toContain(`one.bin: ${files[0]?.size} of ${files[0]?.size} bytes`)
})

test("the document's React sample shows files and their parts, and pauses and resumes one of them", async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(`${reactCode}
    import { createRoot } from 'react-dom/client'
    document.body.textContent = ''
    createRoot(document.body).render(<Uploads />)
  `)
  slow(storeOf(demo), 1)
  await page.goto(demo.url)
  const files = [await makeFile('one.bin', 40 * mebibyte), await makeFile('two.txt', 5)]
  await page.locator('input').setInputFiles(files.map(({ path }) => path))
  const [one, two] = [page.locator('p', { hasText: 'one.bin' }), page.locator('p', { hasText: 'two.txt' })]
  await expect(two).toContainText('stored as ', { timeout: 60_000 })
  await expect(two).toContainText('1 of 1 parts')
  await expect(one).toContainText(/[1-7] of 8 parts/, { timeout: 60_000 })
  await one.getByRole('button', { name: 'Pause' }).press('Enter')
  await expect(one).toContainText('paused', { timeout: 20_000 })
  storeOf(demo).faults.clear()
  await one.getByRole('button', { name: 'Resume' }).press('Enter')
  await expect(one).toContainText('stored as ', { timeout: 60_000 })
  await expect(one).toContainText('8 of 8 parts')
  for (const [index, row] of [one, two].entries()) {
    const [, key = ''] = /stored as (\S+),/.exec((await row.textContent()) ?? '') ?? []
    expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(files[index]?.sha256)
  }
  expect(
    partsStored(storeOf(demo))
      .filter((number) => number > 1)
      .toSorted(),
  ).toEqual([2, 3, 4, 5, 6, 7, 8])
})

test('uploadFiles() reports refused files, gives the same file the same upload, and settles all of them', async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(bare)
  await open(page, demo)
  const files = [
    await makeFile('one.bin', 12 * mebibyte),
    await makeFile('two.txt', 5),
    await makeFile('three.jpg', 9),
  ]
  await page.locator('input').setInputFiles(files.map(({ path }) => path))
  const { keys, ...summary } = await page.evaluate(async () => {
    const [one, ...others] = [...(document.querySelector('input')?.files ?? [])]
    if (one === undefined) throw new Error('no file was picked')
    const begun: string[] = []
    remote.on('upload', ({ identity }) => begun.push(identity.name))
    const batch = remote.uploadFiles([one, ...others, one], { accept: '.bin,.txt' })
    const uploads = await batch
    const { outcomes, ...counts } = await batch.settled()
    return {
      keys: outcomes.map((file) => (file.status === 'done' ? file.result.key : file.status)),
      counts,
      begun,
      isSame: uploads.length === 3 && uploads[0] === uploads[2],
      left: remote.uploads.length,
    }
  })
  expect(summary).toEqual({
    counts: { done: 3, failed: 0, cancelled: 0, refused: 1 },
    begun: ['one.bin', 'two.txt'],
    isSame: true,
    left: 0,
  })
  expect(keys).toEqual([expect.any(String), expect.any(String), 'refused', keys[0]])
  for (const [index, file] of files.slice(0, 2).entries())
    expect(await objectSha256(demo.s3, demo.bucket, keys[index] ?? '')).toBe(file.sha256)
})

test('an upload that is paused and resumed sends no part twice', async ({ siteOf, page, makeFile }) => {
  const { demo, file } = await inTheMiddle(page, siteOf, makeFile)
  await page.evaluate(() => upload.pause())
  await expect.poll(() => page.evaluate(() => upload.state.status)).toBe('paused')
  storeOf(demo).faults.clear()
  await page.evaluate(() => upload.resume())
  await expectArrived(demo, page, file)
  expect(partsStored(storeOf(demo)).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('after a reload, an upload goes on where it was once its file is picked again', async ({
  siteOf,
  page,
  makeFile,
}) => {
  const { demo, file, stored } = await inTheMiddle(page, siteOf, makeFile)
  await open(page, demo)
  storeOf(demo).faults.clear()
  await page.locator('input').setInputFiles(file.path)
  // The upload is listed once the worker of the old page has died and let go of it.
  await expect
    .poll(() =>
      page.evaluate(async () => {
        globalThis.left = await remote.interrupted()
        return left.map(({ identity, confirmed, needsFile }) => [identity.name, confirmed, needsFile])
      }),
    )
    .toEqual([['file.bin', expect.any(Number), true]])
  expect(await page.evaluate(() => left[0]?.confirmed)).toBeGreaterThanOrEqual(stored.length * partSize)
  await page.evaluate(() => {
    const [picked] = document.querySelector('input')?.files ?? []
    const gone = left[0]?.resume(picked)
    if (gone === undefined) throw new Error('nothing is left')
    globalThis.upload = gone
  })
  await expectArrived(demo, page, file)
  expect(count(storeOf(demo), 'CreateMultipartUpload')).toBe(1)
  const parts = partsStored(storeOf(demo))
  for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
})

test('a cancel discards the stored parts, and a failure keeps its class, code and status', async ({
  siteOf,
  page,
  makeFile,
}) => {
  const { demo, file } = await inTheMiddle(page, siteOf, makeFile)
  const ended = await page.evaluate(async () => {
    await upload.cancel('enough')
    return [upload.state.status, await upload.catch((reason: unknown) => reason)]
  })
  expect(ended).toEqual(['cancelled', 'enough'])
  expect(await unfinished(demo)).toEqual([])

  storeOf(demo).faults.clear()
  storeOf(demo).faults.add({
    operation: 'UploadPart',
    effect: { kind: 'status', status: 400, when: 'after-body' },
  })
  await begin(page, file)
  const failed = await page.evaluate(async () => {
    const error = (await upload.catch((reason: unknown) => reason)) as Record<string, unknown>
    return [error instanceof Error, error['name'], error['code'], error['status'], upload.state.status]
  })
  expect(failed).toEqual([true, 'HttpError', 'http', 400, 'failed'])
  await page.evaluate(() => upload.cancel())
})

for (const [what, script, policy] of [
  ['does not exist', '/nothing.js', ''],
  ["is forbidden by the page's policy", '/upload-worker.js', "worker-src 'none'"],
] as const) {
  test(`if the worker ${what}, the upload fails and says that the worker could not be started`, async ({
    siteOf,
    page,
    makeFile,
  }) => {
    const demo = await siteOf(bare.replace('/upload-worker.js', script), policy)
    const file = await makeFile('file.bin', 5)
    await open(page, demo)
    await begin(page, file)
    const failure = (): Promise<string> =>
      page.evaluate(() => (upload.state.status === 'failed' ? upload.state.error.message : ''))
    await expect.poll(failure).toContain('the worker could not be started')
  })
}

test("the document's SharedWorker serves two pages, and goes on with an upload whose page is closed", async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(shared)
  slow(storeOf(demo), 1)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const first = await page.context().newPage()
  await open(first, demo)
  await open(page, demo)
  // From here on, this page keeps the worker alive.
  expect(await page.evaluate(() => remote.interrupted())).toEqual([])
  await begin(first, file)
  const stored = (): number => partsStored(storeOf(demo)).length
  await expect.poll(stored, { timeout: 60_000 }).toBeGreaterThan(0)
  await first.close()
  await begin(page, file)
  await expect.poll(() => page.evaluate(() => upload.parts().length)).toBe(8)
  storeOf(demo).faults.clear()
  await expectArrived(demo, page, file)
  expect(partsStored(storeOf(demo)).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(count(storeOf(demo), 'CreateMultipartUpload')).toBe(1)
  await page.evaluate(() => remote.stop())
  await begin(page, await makeFile('two.txt', 5))
  expect(await page.evaluate(async () => (await upload).size)).toBe(5)
})

test('if pages of a SharedWorker have files that only look the same, the second is refused until the first is stored', async ({
  siteOf,
  page,
}, testInfo) => {
  const demo = await siteOf(shared)
  slow(storeOf(demo), 1)
  const [file, another] = await writeLookalikes(testInfo.outputDir, 20 * mebibyte)
  const first = await page.context().newPage()
  await open(first, demo)
  await open(page, demo)
  await begin(first, file)
  await expect.poll(() => first.evaluate(() => upload.parts().length), { timeout: 60_000 }).toBe(4)
  await begin(page, another)
  const code = (): Promise<string> =>
    page.evaluate(() => (upload.state.status === 'failed' ? upload.state.error.code : upload.state.status))
  await expect.poll(code).toBe('in-use')
  storeOf(demo).faults.clear()
  await expectArrived(demo, first, file)
  await page.evaluate(() => upload.resume())
  await expectArrived(demo, page, another)
})

test('if the SharedWorker does not exist, the upload fails and says that the worker could not be started', async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(shared.replace('/shared-upload-worker.js', '/nothing.js'))
  await open(page, demo)
  await begin(page, await makeFile('file.bin', 5))
  const failure = (): Promise<string> =>
    page.evaluate(() => (upload.state.status === 'failed' ? upload.state.error.message : ''))
  await expect.poll(failure).toContain('the worker could not be started')
})

test("a page whose policy allows only its worker can upload, because the worker's own file has no policy", async ({
  siteOf,
  page,
  makeFile,
}) => {
  const demo = await siteOf(bare, "default-src 'none'; script-src 'self'; worker-src 'self'")
  const file = await makeFile('file.bin', 12 * mebibyte)
  await open(page, demo)
  await begin(page, file)
  await expectArrived(demo, page, file)
  expect(await page.evaluate(() => fetch('/').catch(() => 'refused'))).toBe('refused')
})
