import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Relay } from '../../../bench/relay/relay.ts'
import type { Shape } from '../../../bench/relay/shape.ts'

type Place = { readonly relay: Relay; readonly url: string; readonly received: () => number }

/** A server behind a relay, which answers with the number of bytes that it received. */
async function start(shape: Shape): Promise<Place> {
  let received = 0
  const server = createServer(async (message, response) => {
    message.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await new Promise((resolve) => message.on('end', resolve))
    response.end(String(received))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const relay = new Relay(shape)
  onTestFinished(async () => {
    await relay.close()
    await close(server)
  })
  const url = await relay.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { relay, url, received: () => received }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function put(url: string, bytes: number): Promise<{ readonly text: string; readonly ms: number }> {
  const began = performance.now()
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: 'PUT', agent: false }, resolve).on('error', reject).end(Buffer.alloc(bytes))
  })
  return { text: String(await buffer(answer)), ms: performance.now() - began }
}

test('every byte arrives, and the answer comes back', async () => {
  const { url, relay } = await start({})
  expect((await put(url, 3_000_000)).text).toBe('3000000')
  expect(relay.carried).toBeGreaterThan(3_000_000)
})

test('a rate applies to all connections together', async () => {
  const { url } = await start({ rate: 8_000_000 })
  const answers = await Promise.all([put(url, 100_000), put(url, 100_000)])
  const slowest = Math.max(...answers.map(({ ms }) => ms))
  expect(slowest).toBeGreaterThan(180)
})

test('a cap applies to each connection', async () => {
  const { url } = await start({ connectionRate: 8_000_000 })
  const alone = await put(url, 200_000)
  expect(alone.ms).toBeGreaterThan(180)
  // If they shared it, ten of them would take ten times as long.
  const together = await Promise.all(Array.from({ length: 10 }, () => put(url, 200_000)))
  expect(Math.max(...together.map(({ ms }) => ms))).toBeLessThan(5 * alone.ms)
})

test('latency applies to a connection and to an answer', async () => {
  const { url } = await start({ latency: 60 })
  const { ms } = await put(url, 10)
  expect(ms).toBeGreaterThan(118)
})

test('one connection stops in the middle for ever, and the others go on', async () => {
  const { url, relay, received } = await start({})
  relay.begin(500_000)
  let ended = false
  const stalled = put(url, 4_000_000).finally(() => {
    ended = true
  })
  stalled.catch(() => {})
  await sleep(100)
  expect(received()).toBeLessThanOrEqual(500_000)
  await put(url, 1000)
  expect(ended).toBe(false)
})

test('a client that disconnects is disconnected from the server too', async () => {
  const gone = new Promise<void>((resolve) => {
    const server = createServer((message) => message.on('error', () => resolve()).resume())
    onTestFinished(() => close(server))
    server.listen(0, '127.0.0.1', async () => {
      const relay = new Relay({ rate: 1_000_000 })
      onTestFinished(() => relay.close())
      const url = await relay.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const call = request(url, { method: 'PUT' }).on('error', () => {})
      call.write(Buffer.alloc(10_000))
      setTimeout(() => call.destroy(), 150)
    })
  })
  await gone
})
