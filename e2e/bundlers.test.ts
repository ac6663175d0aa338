/** The package in fresh applications. Those of other bundlers are in bundlers/, because they take minutes to install. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, expectUploads, test } from './bundlers/bundled.ts'
import { buildApp } from './bundlers/fresh-app.ts'

test('a page with an import map and no bundler uploads a file', async ({
  page,
  freshApp,
  demoOn,
  makeFile,
}) => {
  const demo = await demoOn(freshApp('plain'))
  await expectUploads(page, demo.url, demo, makeFile)
})

test('an application that Vite has built uploads files from the page and from a worker', async ({
  page,
  freshApp,
  demoOn,
  makeFile,
}) => {
  const folder = freshApp('vite')
  buildApp(folder)
  expect(filesThatAreCompiledEarly(join(folder, 'dist/assets'))).toEqual(['longhaul'])
  const demo = await demoOn(folder, 'dist')
  await expectUploads(page, demo.url, demo, makeFile)
  await expectUploads(page, `${demo.url}/?in-a-worker`, demo, makeFile)
})

test("an application on Vite's development server uploads files from the page and from a worker", async ({
  page,
  demo,
  store: _,
  freshApp,
  serve,
  makeFile,
}) => {
  const { url } = await serve(freshApp('vite'), ['vite'], { BACKEND: demo.url })
  await expectUploads(page, url, demo, makeFile)
  await expectUploads(page, `${url}?in-a-worker`, demo, makeFile)
})

/** @returns Their names, without the hash that Vite adds. */
function filesThatAreCompiledEarly(folder: string): readonly string[] {
  const files = readdirSync(folder).filter((name) =>
    readFileSync(join(folder, name), 'utf8').startsWith('//# allFunctionsCalledOnLoad\n'),
  )
  return files.map((name) => name.replace(/-.*/, ''))
}
