/** The package in fresh applications; those of the other bundlers are in bundlers/, for they take minutes to install. */
import { join } from 'node:path'
import { startDemo } from '../demo/server/demo.ts'
import { expectUploads, test } from './bundlers/bundled.ts'
import { buildApp, makeFreshApp, removeFolder, serveApp } from './bundlers/fresh-app.ts'
import { partSize } from './fixtures.ts'

test('a page without a bundler, with an import map, uploads', async ({ page, tarball, makeFile }) => {
  const folder = makeFreshApp('plain', tarball)
  const demo = await startDemo({ page: folder, partSize, environment: {} })
  await expectUploads(page, demo.url, demo, makeFile)
  await demo.close()
  removeFolder(folder)
})

test('an application of Vite uploads, built and while it is developed', async ({
  page,
  tarball,
  makeFile,
}) => {
  const folder = makeFreshApp('vite', tarball)
  buildApp(folder)
  const demo = await startDemo({ page: join(folder, 'dist'), partSize, environment: {} })
  await expectUploads(page, demo.url, demo, makeFile)

  const server = await serveApp(folder, ['vite'], { BACKEND: demo.url })
  await expectUploads(page, server.url, demo, makeFile)
  await server.close()
  await demo.close()
  removeFolder(folder)
})
