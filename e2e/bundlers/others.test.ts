/** The package in fresh applications, with the bundlers that take long to install. */
import { expect, expectUploads, test } from './bundled.ts'
import { buildApp } from './fresh-app.ts'

test.setTimeout(300_000)

/** Each with the folder that has its page. esbuild alone makes no file of a worker. */
for (const [name, folderOfPage] of [
  ['webpack', '.'],
  ['esbuild', '.'],
  ['parcel', 'dist'],
] as const) {
  test(`an application that ${name} has built uploads files`, async ({
    page,
    freshApp,
    demoOn,
    makeFile,
  }) => {
    const folder = freshApp(name)
    buildApp(folder)
    const demo = await demoOn(folder, folderOfPage)
    await expectUploads(page, demo.url, demo, makeFile)
    if (name !== 'esbuild') await expectUploads(page, `${demo.url}/?in-a-worker`, demo, makeFile)
  })
}

test('an Angular application uploads a file and shows its progress', async ({
  page,
  freshApp,
  demoOn,
  serve,
  makeFile,
}) => {
  const folder = freshApp('angular')
  buildApp(folder)
  const demo = await demoOn(folder, 'dist/app/browser')
  const { url } = await serve(folder, ['ng', 'serve'], { BACKEND: demo.url })
  for (const app of [`${demo.url}/`, `${demo.url}/?in-a-worker`, `${url}/`, `${url}/?in-a-worker`]) {
    await expectUploads(page, app, demo, makeFile)
    await expect(page.locator('app-row')).toHaveText('bundled.bin: done')
    await expect(page.locator('app-root > p')).toContainText('bundled.bin')
    await expect(page.locator('longhaul-upload').getByRole('button').first()).toBeDisabled()
  }
})

test('a Next application uploads a file, and its server renders the same as the browser', async ({
  page,
  demo,
  store: _,
  freshApp,
  serve,
  makeFile,
}) => {
  const folder = freshApp('next')
  const env = { BACKEND: demo.url }
  buildApp(folder, env)
  const { url } = await serve(folder, ['next', 'start'], env)
  const html = await (await fetch(url)).text()
  expect(html).toContain('<h1>presigned /api/presigned</h1>')
  expect(html).toContain('<input type="file"/>')
  await expectUploads(page, url, demo, makeFile)
})
