import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { WatchedService } from '../../../bench/peers/watched-server.ts'
import type { FaultRule } from '../../../demo/server/store/faults/fault-rule.ts'

/** A service that answers with the number of bytes that it received. */
async function start(...faults: readonly FaultRule[]): Promise<string> {
  const watched = new WatchedService({
    serve: async (message, response) => {
      response.end(String((await buffer(message)).length))
    },
    digest: async (key) => (key === 'a/b' ? 'abc' : undefined),
    remove: async () => {},
  })
  const server = createServer((message, response) => {
    watched.serve(message, response).catch(() => message.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await fetch(`${url}/_bench/begin`, { method: 'POST', body: JSON.stringify(faults) })
  return url
}

async function traffic(url: string): Promise<unknown> {
  return (await fetch(`${url}/_bench/traffic`)).json()
}

const body = new Uint8Array(1_000_000)

test('arriving bytes are counted, and the service gets all of them', async () => {
  const url = await start()
  await fetch(url, { method: 'OPTIONS' })
  expect(await (await fetch(url, { method: 'PUT', body })).text()).toBe('1000000')
  expect(await traffic(url)).toEqual({ requests: 1, preflights: 1, bodyBytes: 1_000_000, lostBytes: 0 })
})

test('a refusal comes after the whole body, all of which is wasted', async () => {
  const url = await start({ operation: 'UploadPart', times: 1, effect: { kind: 'status', status: 503 } })
  expect((await fetch(url, { method: 'PATCH', body })).status).toBe(503)
  expect((await fetch(url, { method: 'PATCH', body })).status).toBe(200)
  expect(await traffic(url)).toMatchObject({ requests: 2, bodyBytes: 2_000_000, lostBytes: 1_000_000 })
})

test('a cut comes in the middle of the body', async () => {
  const url = await start({ operation: 'UploadPart', times: 1, effect: { kind: 'cut', afterBytes: 500_000 } })
  await expect(fetch(url, { method: 'PUT', body })).rejects.toThrow()
  const { bodyBytes, lostBytes } = (await traffic(url)) as { bodyBytes: number; lostBytes: number }
  expect(bodyBytes).toBe(lostBytes)
  expect(bodyBytes).toBeGreaterThanOrEqual(500_000)
  expect(bodyBytes).toBeLessThan(1_000_000)
})

test('a digest is requested by its key', async () => {
  const url = await start()
  expect(await (await fetch(`${url}/_bench/digest/a%2Fb`)).json()).toEqual({ sha256: 'abc' })
  expect(await (await fetch(`${url}/_bench/digest/c`)).json()).toEqual({ sha256: null })
})
