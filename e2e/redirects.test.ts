/** A storage, or a proxy in front of it, that redirects parts to another host. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { count, end, expect, openSite, start, test } from './fixtures.ts'

type Redirector = { readonly host: string; close(): Promise<void> }

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'PUT',
  'access-control-allow-headers': '*',
}

/** Answers every PUT with a redirect to the same path at the origin. */
async function redirectTo(origin: string, status: number): Promise<Redirector> {
  const server = createServer((request, response) => {
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
    request.resume()
    request.once('end', () => {
      response.writeHead(status, { ...cors, location: `${origin}${request.url}` }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { host: `127.0.0.1:${port}`, close }
}

/** Replaces the storage's host with the redirector's in the signed URLs. */
async function leadTo({ host }: Redirector, page: Page, storage: string): Promise<void> {
  await page.route('**/get-upload-urls', async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ body: (await answer.text()).replaceAll(storage, host) })
  })
}

for (const status of [307, 308]) {
  test(`a part that is redirected by a ${status} fails, although the storage behind the redirect has taken it`, async ({
    demo,
    page,
    store,
    makeFile,
  }) => {
    const storage = new URL(store.endpoint).host
    const redirector = await redirectTo(`http://${storage}`, status)
    try {
      await leadTo(redirector, page, storage)
      await openSite(page, demo)
      await start(page, await makeFile('redirected.bin', 1_000))
      const { error, stored } = await end(page)
      expect(error).toMatchObject({ name: 'BackendError', code: 'backend' })
      expect(error?.message).toContain(`a redirect to ${storage}`)
      expect(stored).toEqual([])
      // Only the page's policy can keep the browser from following the redirect.
      expect(count(store, 'UploadPart')).toBe(1)
      expect(count(store, 'CompleteMultipartUpload')).toBe(0)
    } finally {
      await redirector.close()
    }
  })
}

test("the page's policy keeps the browser from following a redirect", async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  const storage = new URL(store.endpoint).host
  const redirector = await redirectTo(`http://${storage}`, 307)
  try {
    await leadTo(redirector, page, storage)
    await page.route(`${demo.url}/?*`, async (route) => {
      const answer = await route.fetch()
      const headers = {
        ...answer.headers(),
        'content-security-policy': `connect-src 'self' http://${redirector.host}`,
      }
      await route.fulfill({ response: answer, headers })
    })
    await page.addInitScript(() => Object.assign(globalThis, { uploaderOptions: { retry: { attempts: 1 } } }))
    await openSite(page, demo)
    await start(page, await makeFile('kept.bin', 1_000))
    const { error } = await end(page)
    expect(error).toMatchObject({ code: 'network' })
    expect(count(store, 'UploadPart')).toBe(0)
  } finally {
    await redirector.close()
  }
})
