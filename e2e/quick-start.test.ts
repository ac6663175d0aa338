/** docs/getting-started.md in a real browser: its page and server, unchanged, on the embedded store. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { withApplication } from './document-site.ts'
import { objectSha256 } from './files.ts'
import { expect, mebibyte, test } from './fixtures.ts'

const root = resolve(import.meta.dirname, '..')

/** The first sample of the document. */
function pageOfTheDocument(): string {
  const [, code = ''] =
    /```ts\n([\s\S]*?)```/.exec(readFileSync(resolve(root, 'docs/getting-started.md'), 'utf8')) ?? []
  return code
}

test('the quick start uploads the chosen files and logs their keys', async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  const html = '<input type="file" multiple><script type="module" src="/page.js"></script>'
  const scripts = { '/page.js': { code: pageOfTheDocument() } }
  await withApplication({ html, scripts }, { demo, store }, async (url) => {
    await page.goto(url)
    const files = [await makeFile('one.bin', 20 * mebibyte + 1), await makeFile('two.txt', 5)]
    const words: string[] = []
    page.on('console', (message) => words.push(message.text()))
    await page.locator('input').setInputFiles(files.map(({ path }) => path))
    await expect.poll(() => words.length, { timeout: 60_000 }).toBe(2)
    for (const [index, file] of files.entries()) {
      const key = words[index]?.split(' is stored as ')[1] ?? words[index] ?? ''
      expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
    }
  })
})
