/** In the demo page, file names and server messages are never more than text. */
import type { Page } from '@playwright/test'
import { expect, row, slow, test, untilUnderway, upload } from './demo-page.ts'

declare global {
  var hacked: unknown
}

const names = [
  '<img src=x onerror=hacked=1>.bin',
  '<svg onload=hacked=1>.bin',
  `"><b onmouseover='hacked=1'>.bin`,
  '<iframe srcdoc="<script>parent.hacked=1<&sol;script>">',
  'javascript:hacked=1',
  '{{hacked=1}}.bin',
  '&lt;script&gt;.bin',
  '\u202enib.gpj',
]

/** Expects that no script of the name has run, and that none of its elements exist. */
async function expectNoMarkup(page: Page): Promise<void> {
  expect(await page.evaluate(() => globalThis.hacked)).toBeUndefined()
  const made = page.locator('[onerror], [onload], [onmouseover], iframe, img[src=x], a[href^="javascript:"]')
  await expect(made).toHaveCount(0)
}

test('a file name with HTML in it is shown as text when its upload is done', async ({
  demo,
  page,
  store: _,
  makeFile,
}) => {
  const files = await Promise.all(names.map((name, index) => makeFile(name, 1_000 + index)))
  await upload(page, demo, ...files)
  for (const name of names) {
    await expect(row(page, name).getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical')
    await expect(row(page, name)).toContainText(name)
    await expectNoMarkup(page)
  }
})

test('a file name with HTML in it is shown as text in uploads of other tabs and earlier visits', async ({
  demo,
  page,
  store,
  makeFile,
  context,
}) => {
  slow(store)
  const [name = ''] = names
  await upload(page, demo, await makeFile(name, 60 * 1024 * 1024))
  await untilUnderway(page, name)
  const other = await context.newPage()
  await other.goto(demo.url)
  await expect(other.getByText(name).first()).toBeVisible()
  await expectNoMarkup(other)
  await page.close()
  await other.reload()
  await expect(other.getByText(name).first()).toBeVisible()
  await expectNoMarkup(other)
})

test("a server's error message with HTML in it is shown as text", async ({
  demo,
  page,
  store: _,
  makeFile,
}) => {
  const [markup = ''] = names
  const body = JSON.stringify({ error: { code: markup, message: `${markup} ${markup}` } })
  await page.route('**/start-upload', (route) =>
    route.fulfill({ status: 400, contentType: 'text/html', body }),
  )
  await upload(page, demo, await makeFile('refused.bin', 1_000))
  await expect(row(page, 'refused.bin')).toHaveAttribute('data-status', 'failed')
  await expect(row(page, 'refused.bin')).toContainText('onerror=hacked=1')
  await expectNoMarkup(page)
})
