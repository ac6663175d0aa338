/** How long an upload with random failures takes in virtual time, compared with the bench's loop of bare requests. */
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../demo/server/store/faults/seeded-random.ts'
import type { PartResponse } from '../src/ports.ts'
import { FakeBackend } from './fakes/backend.ts'
import { type Fate, SharedNetwork, SharedTransport } from './fakes/shared-network.ts'
import { fileOf, rig } from './fakes/uploader.ts'

type Chances = { readonly refused: number; readonly cut: number }

const partSize = 1_000
const parts = 103
/** Bytes per millisecond: as 512 MiB in parts of 5 MiB on the bench's loopback, where a part alone takes 25 ms. */
const rate = 40
/** Milliseconds between two updates of the network. */
const tick = 4
const seeds = Array.from({ length: 8 }, (_, index) => index + 1)

const unavailable: PartResponse = { status: 503, headers: {}, body: '' }
const slowDown: PartResponse = { ...unavailable, body: '<Error><Code>SlowDown</Code></Error>' }

function networkOf({ refused, cut }: Chances, seed: number): SharedNetwork {
  const random = seededRandom(seed)
  return new SharedNetwork(rate, (): Fate => {
    const chance = random()
    if (chance < refused) return 'refused'
    return chance < refused + cut ? 'cut' : 'stored'
  })
}

async function longhaul(network: SharedNetwork, refusal: PartResponse, seed: number): Promise<number> {
  const transport = new SharedTransport(network, refusal)
  const backend = new FakeBackend({ partSize })
  const random = seededRandom(seed + 1_000)
  const { uploader, clock } = rig({ transport, backend, random, concurrency: 'auto' })
  let isDone = false
  const done = uploader.uploadFile(fileOf(partSize * parts)).then(() => (isDone = true))
  for (; !isDone; network.pass(tick)) await clock.advance(tick)
  await done
  await uploader.stop()
  return clock.now()
}

/** Six requests at once, each of which waits 200 ms in its place after a failure. */
function bareLoop(network: SharedNetwork): number {
  let [now, begun, stored] = [0, 0, 0]
  const pauses = new Map<() => void, number>()
  const send = (): void => {
    network.send(partSize, (fate) => {
      if (fate !== 'stored') return void pauses.set(() => send(), now + 200)
      stored += 1
      next()
    })
  }
  const next = (): void => {
    if (begun === parts) return
    begun += 1
    send()
  }
  for (let place = 0; place < 6; place++) next()
  for (; stored < parts; now += tick) {
    for (const [again, at] of pauses) {
      if (at > now) continue
      pauses.delete(again)
      again()
    }
    network.pass(tick)
  }
  return now
}

/** The bare loop's time divided by ours, over all seeds. */
async function ratio(chances: Chances, refusal = unavailable): Promise<number> {
  let [ours, bare] = [0, 0]
  for (const seed of seeds) {
    ours += await longhaul(networkOf(chances, seed), refusal, seed)
    bare += bareLoop(networkOf(chances, seed))
  }
  return bare / ours
}

describe('an upload, compared with a bare loop,', () => {
  test.each([
    ['as fast if nothing fails', { refused: 0, cut: 0 }, unavailable, 0.99],
    ['as fast if every tenth part is cut', { refused: 0, cut: 0.1 }, unavailable, 0.95],
    [
      'within 1.1 of its time if 20 % are refused and 10 % are cut',
      { refused: 0.2, cut: 0.1 },
      unavailable,
      0.91,
    ],
    ['gentler to a storage that answers SlowDown to 20 %', { refused: 0.2, cut: 0.1 }, slowDown, 0.6],
    ['within twice its time if half of them fail', { refused: 0.35, cut: 0.15 }, unavailable, 0.5],
  ])('is %s', async (_, chances, refusal, least) => {
    expect(await ratio(chances, refusal)).toBeGreaterThanOrEqual(least)
  })
})
