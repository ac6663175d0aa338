/** The faults that a visitor of the demo can cause, and that everything works again afterwards. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { Trouble } from '../../demo/server/trouble/trouble.ts'
import { startStore } from '../store/started-store.ts'
import { Client, demoForTests, putTo, type Started } from './rig.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

async function started(): Promise<Demo> {
  const demo = await demoForTests()
  undo.push(demo.close)
  return demo
}

async function order(demo: Demo, path: string, body: object, method = 'PUT'): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${demo.url}/trouble/${path}`, { method, headers, body: JSON.stringify(body) })
}

async function begun(demo: Demo): Promise<{ client: Client; upload: Started }> {
  const client = new Client(demo)
  return { client, upload: await client.start('file.bin', 3) }
}

const byte = new Uint8Array([1])

test('going offline cuts calls and parts, but the page and its panel stay available', async () => {
  const demo = await started()
  const { client, upload } = await begun(demo)
  const url = await client.sign(upload, 1)
  expect(await (await order(demo, 'unplugged', { on: true })).json()).toMatchObject({ on: ['unplugged'] })
  await expect(putTo(url, byte)).rejects.toThrow()
  await expect(client.start('other.bin', 1)).rejects.toThrow()
  expect((await fetch(`${demo.url}/trouble`)).status).toBe(200)
  const { hits } = await (await order(demo, 'unplugged', { on: false })).json()
  expect(hits).toMatchObject({ unplugged: 0 })
  expect(await putTo(url, byte)).toMatch(/\w{32}/)
})

test('going offline cuts requests under way', async () => {
  const demo = await started()
  const { client, upload } = await begun(demo)
  const url = await client.sign(upload, 1)
  demo.store?.faults.add({ operation: 'UploadPart', effect: { kind: 'stall' } })
  const arrived = new Promise<void>((resolve) => demo.store?.log.onArrival(() => resolve()))
  const sent = expect(putTo(url, byte)).rejects.toThrow()
  await arrived
  await order(demo, 'unplugged', { on: true })
  await sent
})

test('expiring URLs makes the storage refuse those already signed, but not those signed later', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 5_000 })
  const demo = await started()
  const { client, upload } = await begun(demo)
  const url = await client.sign(upload, 1)
  vi.useRealTimers()
  expect((await order(demo, 'expire-urls', {}, 'POST')).status).toBe(200)
  const refused = await fetch(url, { method: 'PUT', body: byte })
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('Request has expired'),
  ])
  expect(await putTo(await client.sign(upload, 1), byte)).toMatch(/\w{32}/)
  const { hits } = await (await fetch(`${demo.url}/trouble`)).json()
  expect(hits).toMatchObject({ expired: 1 })
})

test('503s hit some of the requests that carry bytes, and are counted', async () => {
  const demo = await started()
  const { client, upload } = await begun(demo)
  const url = await client.sign(upload, 1)
  await order(demo, 'busy', { on: true })
  const statuses: number[] = []
  for (let attempt = 0; attempt < 12; attempt++)
    statuses.push((await fetch(url, { method: 'PUT', body: byte })).status)
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  const { hits } = await (await fetch(`${demo.url}/trouble`)).json()
  expect(hits.busy).toBe(statuses.filter((status) => status === 503).length)
})

test('a fault that is left on switches itself off', async () => {
  const store = await startStore()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const trouble = new Trouble(store, { lasts: 1_000 })
    trouble.set('slow', true)
    vi.advanceTimersByTime(999)
    expect(store.faults.rules).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect([trouble.state.on, store.faults.rules]).toEqual([[], []])
    trouble.close()
  } finally {
    vi.useRealTimers()
  }
})

test.each([
  ['another name', 'corrupt', { on: true }, 400],
  ['no flag', 'slow', { on: 'yes' }, 400],
  ['a field of its own', 'slow', { on: true, rate: 1 }, 400],
])('%s is refused', async (_, name, body, status) => {
  const demo = await started()
  expect((await order(demo, name, body)).status).toBe(status)
})

test('a body that is not JSON is refused, because a page of another origin could send it', async () => {
  const demo = await started()
  const answer = await fetch(`${demo.url}/trouble/slow`, { method: 'PUT', body: '{"on":true}' })
  expect(answer.status).toBe(415)
})

test('no fault can be ordered with another S3 behind the demo', async () => {
  const demo = await demoForTests({ environment: { S3_ENDPOINT: 'http://127.0.0.1:9' } })
  undo.push(demo.close)
  expect((await fetch(`${demo.url}/trouble`)).status).toBe(404)
  expect((await order(demo, 'slow', { on: true })).status).toBe(404)
})
