/** The package in fresh applications of the bundlers that take long to install. */
import { join } from 'node:path'
import { startDemo } from '../../demo/server/demo.ts'
import { partSize } from '../fixtures.ts'
import { expect, expectUploads, test } from './bundled.ts'
import { buildApp, makeFreshApp, removeFolder, serveApp } from './fresh-app.ts'

test.setTimeout(300_000)

/** With the folder below the application's that has its page. */
for (const [name, folderOfPage] of [
  ['webpack', '.'],
  ['esbuild', '.'],
  ['parcel', 'dist'],
] as const) {
  test(`an application of ${name} uploads`, async ({ page, tarball, makeFile }) => {
    const folder = makeFreshApp(name, tarball)
    buildApp(folder)
    const demo = await startDemo({ page: join(folder, folderOfPage), partSize, environment: {} })
    await expectUploads(page, demo.url, demo, makeFile)
    await demo.close()
    removeFolder(folder)
  })
}

test('an application of Next uploads, and renders on the server what it renders in the browser', async ({
  page,
  demo,
  store: _,
  tarball,
  makeFile,
}) => {
  const folder = makeFreshApp('next', tarball)
  const env = { BACKEND: demo.url }
  buildApp(folder, env)
  const server = await serveApp(folder, ['next', 'start'], env)
  const html = await (await fetch(server.url)).text()
  expect(html).toContain('<h1>presigned</h1>')
  expect(html).toContain('<input type="file"/>')
  await expectUploads(page, server.url, demo, makeFile)
  await server.close()
  removeFolder(folder)
})
