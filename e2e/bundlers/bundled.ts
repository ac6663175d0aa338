/** What each application has to do: its page uploads a file in a browser, with the help of its worker. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type Demo, startDemo } from '../../demo/server/demo.ts'
import { type DiskFile, objectSha256 } from '../files.ts'
import { test as base, expect, mebibyte, partSize } from '../fixtures.ts'
import {
  type AppName,
  makeFreshApp,
  newFolder,
  pack,
  removeFolder,
  type Server,
  serveApp,
} from './fresh-app.ts'

export { expect }

/** Everything that these make is ended or removed after the test. */
type Fixtures = {
  /** @returns The application's folder, with everything installed. */
  readonly freshApp: (name: AppName) => string
  /** Starts the demo's servers with the page of this folder. */
  readonly demoOn: (...folder: string[]) => Promise<Demo>
  /** Starts the bundler's own server. */
  readonly serve: (folder: string, command: readonly string[], env: Env) => Promise<Server>
}

type Env = Readonly<Record<string, string>>

export const test = base.extend<Fixtures, { tarball: string }>({
  tarball: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
    async ({}, use) => {
      const folder = newFolder()
      await use(pack(folder))
      removeFolder(folder)
    },
    { scope: 'worker' },
  ],
  freshApp: async ({ tarball }, use) => {
    const folders: string[] = []
    await use((name) => {
      const folder = newFolder()
      folders.push(folder)
      makeFreshApp(folder, name, tarball)
      return folder
    })
    folders.forEach(removeFolder)
  },
  // Depends on the folders, so that the servers end before the folders are removed.
  demoOn: async ({ freshApp: _ }, use) => {
    const demos: Demo[] = []
    await use(async (...folder) => {
      const page = join(...folder)
      // The demo's own worker would hide that the application lacks one.
      const demo = await startDemo({ page, library: page, partSize, environment: {} })
      demos.push(demo)
      return demo
    })
    await Promise.all(demos.map((demo) => demo.close()))
  },
  serve: async ({ freshApp: _ }, use) => {
    const servers: Server[] = []
    await use(async (...given) => {
      const server = await serveApp(...given)
      servers.push(server)
      return server
    })
    await Promise.all(servers.map((server) => server.close()))
  },
})

type Ended = {
  readonly key?: string
  readonly size?: number
  readonly checksums?: Readonly<Record<string, string>>
  readonly error?: string
  readonly warnings: readonly string[]
  readonly hasElement: boolean
}

/** @param url Of the page. @param demo The backend and storage that the page uses. */
export async function expectUploads(
  page: Page,
  url: string,
  demo: Demo,
  makeFile: (name: string, size: number) => Promise<DiskFile>,
): Promise<void> {
  const workers: string[] = []
  const complaints: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  page.on(
    'console',
    (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`),
  )
  page.on('pageerror', (error) => complaints.push(String(error)))
  const file = await makeFile('bundled.bin', 11 * mebibyte + 3)
  // By then the page's scripts have run.
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.locator('input').first().setInputFiles(file.path)
  await expect(page.locator('output')).not.toBeEmpty()
  const ended: Ended = JSON.parse((await page.locator('output').textContent()) ?? '')
  expect(complaints).toEqual([])
  expect(ended).toMatchObject({ size: file.size, warnings: [], hasElement: true })
  expect(ended.checksums).toMatchObject({ crc32c: expect.any(String), xxhash64: expect.any(String) })
  expect(await objectSha256(demo.s3, demo.bucket, ended.key ?? '')).toBe(file.sha256)
  expect(workers.length).toBeGreaterThan(0)
}
