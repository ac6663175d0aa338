/** "Small files in one PUT" of docs/backends.md in a real browser, with its client and server unchanged. */
import { withApplication } from './document-site.ts'
import { objectSha256 } from './files.ts'
import { expect, mebibyte, test } from './fixtures.ts'

const code = `
import { Uploader } from 'longhaul'
import { onePut } from './docs/examples/one-put.ts'

const backend = onePut({ baseUrl: '/api/uploads', headers: { authorization: 'Bearer try-it' } })
const uploader = new Uploader({ backend })
const input = document.querySelector<HTMLInputElement>('input[type=file]')!
input.addEventListener('change', async () => {
  for (const upload of await uploader.uploadFiles(input.files!)) console.log((await upload).key)
})
`

test('small files, even one of 0 bytes, are sent in one PUT, and a larger one in parts', async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  const html = '<input type="file" multiple><script type="module" src="/page.js"></script>'
  const application = { html, scripts: { '/page.js': { code } }, server: 'server-one-put' } as const
  await withApplication(application, { demo, store }, async (url) => {
    await page.goto(url)
    const sizes = [300_000, 0, 17 * mebibyte]
    const files = await Promise.all(sizes.map((size, index) => makeFile(`${index} ü.png`, size)))
    const keys: string[] = []
    // The browser logs the 413 too.
    page.on('console', (message) => message.type() === 'log' && keys.push(message.text()))
    const calls: string[] = []
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (request.method() === 'POST') calls.push(pathname.split('/')[3] ?? '')
    })
    await page.locator('input').setInputFiles(files.map(({ path }) => path))
    await expect.poll(() => keys.length, { timeout: 60_000 }).toBe(files.length)
    for (const [index, file] of files.entries())
      expect(await objectSha256(demo.s3, demo.bucket, keys[index] ?? '')).toBe(file.sha256)
    expect(calls.filter((call) => call === 'start-put')).toHaveLength(3)
    expect(calls.filter((call) => call === 'complete')).toHaveLength(1)
  })
})
