/** The browser takes an upload's claim away, as Safari does with pages that the back button may show again. */
import { describe, expect, test } from 'vitest'
import { flush } from './fakes/clock.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, rig } from './fakes/uploader.ts'

/** An upload of two parts, both on their way. */
async function begun() {
  const browser = new FakeBrowser()
  const one = rig({ tabs: browser.tab() })
  const upload = one.uploader.uploadFile(fileOf(8))
  const requests = await one.transport.take(2)
  const [key = ''] = browser.owners.keys()
  return { ...one, browser, upload, requests, takeAway: () => browser.takeAway(key) }
}

describe('an upload that loses its claim', () => {
  test('begins a new run, in the state `waiting`, as soon as it has claimed it again', async () => {
    const { upload, transport, takeAway } = await begun()
    const seen: string[] = []
    upload.on('state', ({ status }) => seen.push(status))
    takeAway()
    for (const request of await transport.take(2)) request.store()
    await upload
    expect(seen.slice(0, 4)).toEqual(['paused', 'waiting', 'opening', 'uploading'])
  })

  test('stays offline if there is no network', async () => {
    const { upload, requests, connectivity, clock, takeAway } = await begun()
    connectivity.online = false
    for (const request of requests) request.cut()
    await clock.advance(0)
    const offline = { status: 'paused', by: 'system', reason: 'offline' }
    expect(upload.state).toEqual(offline)
    const seen: string[] = []
    upload.on('state', ({ status }) => seen.push(status))
    takeAway()
    await flush()
    expect([upload.state, seen]).toEqual([offline, []])
    upload.cancel().catch(() => {})
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
  })
})
