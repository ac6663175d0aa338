import { afterEach, expect, test, vi } from 'vitest'
import { bareLoop, type PutAnswer } from '../../../bench/page/bare-loop.ts'
import type { Settings } from '../../../bench/page/contender.ts'

const settings: Settings = {
  api: '/api',
  width: 2,
  partSize: 4,
  urlsExpire: false,
  store: { endpoint: '', bucket: '', region: '', accessKeyId: '', secretAccessKey: '' },
  server: '',
  faulty: false,
}

/** The presigned backend, as far as the loop calls it. A URL contains its part and how many were signed before. */
function backend(): { readonly calls: string[]; readonly completed: unknown[] } {
  const calls: string[] = []
  const completed: unknown[] = []
  let signed = 0
  vi.stubGlobal('fetch', async (url: string, { body }: { readonly body: string }) => {
    const asked = JSON.parse(body) as { readonly parts: readonly unknown[] }
    calls.push(url.split('/')[2] ?? '')
    if (url.endsWith('/start-upload')) return Response.json({ key: 'key', uploadId: 'id', partSize: 4 })
    if (url.endsWith('/get-upload-urls')) {
      return Response.json({
        urls: Object.fromEntries(asked.parts.map((part) => [part, `${part}#${signed++}`])),
      })
    }
    completed.push(asked.parts)
    return Response.json({ key: 'key' })
  })
  return { calls, completed }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const file = new File(['0123456789'], 'file')
const stored: PutAnswer = { status: 200, etag: '"e"' }

test('makes one call for all URLs, and sends every part once', async () => {
  const { calls, completed } = backend()
  const bodies: string[] = []
  const { keys } = await bareLoop([file], settings, async (url, body) => {
    bodies.push(`${url} ${await body.text()}`)
    return stored
  })
  expect(keys).toEqual(['key'])
  expect(calls).toEqual(['start-upload', 'get-upload-urls', 'complete'])
  expect(bodies.sort()).toEqual(['1#0 0123', '2#1 4567', '3#2 89'])
  expect(completed).toEqual([[1, 2, 3].map((PartNumber) => ({ PartNumber, ETag: 'e' }))])
})

test('sends a failed part to the same URL again, after a wait', async () => {
  vi.useFakeTimers()
  backend()
  const urls: string[] = []
  const loop = bareLoop([file], { ...settings, width: 1 }, async (url) => {
    urls.push(url)
    if (urls.length === 1) throw new Error('cut')
    return urls.length === 2 ? { status: 503, etag: null } : stored
  })
  await vi.runAllTimersAsync()
  await loop
  expect(urls).toEqual(['1#0', '1#0', '1#0', '2#1', '3#2'])
})

test('signs a URL again that was refused as expired', async () => {
  backend()
  const urls: string[] = []
  await bareLoop([file], { ...settings, width: 1 }, async (url) => {
    urls.push(url)
    return url === '1#0' ? { status: 403, etag: null } : stored
  })
  expect(urls).toEqual(['1#0', '1#3', '2#1', '3#2'])
})

test('signs each URL when it is needed if URLs do not last', async () => {
  const { calls } = backend()
  await bareLoop([file], { ...settings, width: 1, urlsExpire: true }, async () => stored)
  expect(calls).toEqual(['start-upload', ...Array(3).fill('get-upload-urls'), 'complete'])
})

test('sends as many of several files at once as it is told to', async () => {
  backend()
  let underway = 0
  let most = 0
  await bareLoop([file, file, file, file], settings, async () => {
    most = Math.max(most, ++underway)
    await new Promise((resolve) => setTimeout(resolve, 2))
    underway -= 1
    return stored
  })
  expect(most).toBe(2)
})
