import { describe, expect, test } from 'vitest'
import { createLayout, parts } from '../src/layout.ts'
import type { Part, PartTarget } from '../src/ports.ts'
import { Targets } from '../src/targets.ts'
import { FakeClock, flush } from './fakes/clock.ts'

const all = [...parts(createLayout(120, 10))]

function part(number: number): Part {
  const found = all[number - 1]
  if (found === undefined) throw new Error(`no part ${number}`)
  return found
}

type Signing = { readonly numbers: number[]; answer(validFor?: number): void; refuse(error: Error): void }

/** Every `sign` waits for the test to answer. */
function targets(
  batch: number,
  ahead = batch / 2,
  most = batch,
  isTroubled = (): boolean => false,
): { targets: Targets; signings: Signing[]; clock: FakeClock } {
  const clock = new FakeClock()
  // A run need not be the first thing that a page does.
  clock.jump(5_000)
  const signings: Signing[] = []
  const sign = (wanted: readonly Part[]): Promise<PartTarget[]> =>
    new Promise((resolve, reject) => {
      const numbers = wanted.map(({ number }) => number)
      const url = (number: number): string => `https://s.test/${number}?call=${signings.length}`
      const answer = (validFor?: number): void =>
        resolve(numbers.map((number) => ({ number, url: url(number), method: 'PUT', headers: {}, validFor })))
      signings.push({ numbers, answer, refuse: reject })
    })
  return {
    targets: new Targets({ parts: all, batch: { first: batch, most }, ahead, clock, isTroubled, sign }),
    signings,
    clock,
  }
}

describe('targets', () => {
  test('are signed in a batch, from the requested part on', async () => {
    const { targets: some, signings } = targets(4)
    const taking = [some.take(part(1)), some.take(part(2))]
    expect(signings.map(({ numbers }) => numbers)).toEqual([[1, 2, 3, 4]])
    signings[0]?.answer()
    expect((await Promise.all(taking)).map(({ number }) => number)).toEqual([1, 2])
  })

  test('of a batch that failed are requested again together, not one by one', async () => {
    const { targets: some, signings } = targets(4)
    const first = some.take(part(1))
    signings[0]?.refuse(new Error('not now'))
    await expect(first).rejects.toThrow('not now')
    const taking = [some.take(part(2)), some.take(part(3)), some.take(part(4))]
    expect(signings.map(({ numbers }) => numbers)).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4, 5],
    ])
    signings[1]?.answer()
    expect((await Promise.all(taking)).map(({ number }) => number)).toEqual([2, 3, 4])
  })

  test('are requested again before the batch has run out, so that no part waits', async () => {
    const { targets: some, signings } = targets(4)
    const first = some.take(part(1))
    signings[0]?.answer()
    await first
    expect(signings).toHaveLength(1)
    await some.take(part(2))
    await some.take(part(3))
    expect(signings[1]?.numbers).toEqual([5, 6, 7, 8])
    await some.take(part(4))
    signings[1]?.answer()
    await some.take(part(5))
    expect(signings).toHaveLength(2)
  })

  test('that came with the session are not requested, even for a part 0', async () => {
    const cuts = [0, 1, 2].map((number) => ({ number, offset: number * 10, size: 10 }))
    const signed = cuts.slice(0, 2).map(
      ({ number }): PartTarget => ({
        number,
        url: `https://s.test/${number}`,
        method: 'PUT',
        headers: {},
        validFor: undefined,
      }),
    )
    const asked: number[][] = []
    const sign = async (wanted: readonly Part[]): Promise<readonly PartTarget[]> => {
      asked.push(wanted.map(({ number }) => number))
      return wanted.flatMap(({ number }) => signed.map((target) => ({ ...target, number })))
    }
    const isTroubled = (): boolean => false
    const options = { batch: { first: 4, most: 4 }, ahead: 1, clock: new FakeClock(), isTroubled, sign }
    const some = new Targets({ parts: cuts, signed, ...options })
    for (const cut of cuts) expect((await some.take(cut)).number).toBe(cut.number)
    expect(asked).toEqual([[2]])
    const all = new Targets({ parts: cuts.slice(0, 2), signed, ...options })
    expect((await all.take(cuts[0] as Part)).number).toBe(0)
    expect(asked).toHaveLength(1)
  })

  test('that did not come with the session are signed ahead from the first of them', async () => {
    const signed = all
      .slice(0, 2)
      .map(
        ({ number }): PartTarget => ({ number, url: 'u', method: 'PUT', headers: {}, validFor: undefined }),
      )
    const asked: number[][] = []
    const sign = async (wanted: readonly Part[]): Promise<readonly PartTarget[]> => {
      asked.push(wanted.map(({ number }) => number))
      return wanted.map(({ number }) => ({ ...(signed[0] as PartTarget), number }))
    }
    const isTroubled = (): boolean => false
    const options = { batch: { first: 2, most: 2 }, ahead: 2, clock: new FakeClock(), isTroubled, sign }
    const some = new Targets({ parts: all, signed, ...options })
    await some.take(part(1))
    expect(asked).toEqual([[3, 4]])
    await some.settled()
  })

  test('stay usable until they are dropped', async () => {
    const { targets: some, signings } = targets(2)
    const first = some.take(part(1))
    signings[0]?.answer()
    const target = await first
    expect(await some.take(part(1))).toBe(target)
    some.drop(1)
    const again = some.take(part(1))
    expect(signings.at(-1)?.numbers).toEqual([1])
    signings.at(-1)?.answer()
    expect((await again).url).not.toBe(target.url)
  })

  test('are given up five seconds before they expire, and the others that have expired are signed along with them', async () => {
    const { targets: some, signings, clock } = targets(12)
    const first = some.take(part(1))
    signings[0]?.answer(60_000)
    await first
    some.drop(1)
    await clock.advance(54_999)
    await some.take(part(2))
    expect(signings).toHaveLength(1)
    await clock.advance(2)
    const second = some.take(part(2))
    expect(signings[1]?.numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    signings[1]?.answer(60_000)
    await second
  })

  test('that live hardly longer than that are used for half of their lifetime', async () => {
    const { targets: some, signings, clock } = targets(1)
    const first = some.take(part(12))
    signings[0]?.answer(2_000)
    await first
    await clock.advance(999)
    await some.take(part(12))
    expect(signings).toHaveLength(1)
    await clock.advance(2)
    void some.take(part(12))
    expect(signings).toHaveLength(2)
  })

  test('that could not be signed are requested again by the next caller', async () => {
    const { targets: some, signings } = targets(2)
    const first = some.take(part(1))
    signings[0]?.refuse(new Error('no'))
    await expect(first).rejects.toThrow('no')
    const again = some.take(part(1))
    expect(signings[1]?.numbers).toContain(1)
    signings[1]?.answer()
    await again
  })

  test('of a server that gives one per call are requested in parallel', async () => {
    const { targets: some, signings } = targets(1, 3)
    const first = some.take(part(1))
    signings[0]?.answer()
    await first
    expect(signings.map(({ numbers }) => numbers)).toEqual([[1], [2], [3], [4]])
    for (const signing of signings) signing.answer()
    await some.take(part(2))
    expect(signings.at(-1)?.numbers).toEqual([5])
  })

  test('settle once nothing is under way, and a failure ahead of use rejects for nobody', async () => {
    const { targets: some, signings } = targets(1, 1)
    const first = some.take(part(1))
    signings[0]?.answer()
    await first
    expect(signings).toHaveLength(2)
    let settled = false
    const settling = some.settled().then(() => {
      settled = true
    })
    await flush()
    expect(settled).toBe(false)
    signings[1]?.refuse(new Error('ahead'))
    await settling
  })

  test('that expire at once are used once each, and not signed endlessly', async () => {
    const { targets: some, signings, clock } = targets(1, 0)
    const taking = some.take(part(1))
    signings[0]?.answer(0)
    expect((await taking).url).toBe('https://s.test/1?call=1')
    expect(signings).toHaveLength(1)
    await clock.advance(1)
    const again = some.take(part(1))
    signings[1]?.answer(0)
    expect((await again).url).toBe('https://s.test/1?call=2')
    expect(signings).toHaveLength(2)
  })

  test('are usable as long as they belong to the part and have not expired', async () => {
    const { targets: some, signings, clock } = targets(2)
    const taking = some.take(part(1))
    signings[0]?.answer(60_000)
    const target = await taking
    expect(some.isUsable(target)).toBe(true)
    expect(some.isUsable({ ...target })).toBe(false)
    await clock.advance(54_999)
    expect(some.isUsable(target)).toBe(true)
    await clock.advance(1)
    expect(some.isUsable(target)).toBe(false)
    some.drop(1)
    expect(some.isUsable(target)).toBe(false)
  })

  test('that were signed late live from that moment on', async () => {
    const { targets: some, signings, clock } = targets(1, 0)
    await clock.advance(100_000)
    const taking = some.take(part(1))
    signings[0]?.answer(60_000)
    const target = await taking
    await clock.advance(50_000)
    expect(await some.take(part(1))).toBe(target)
    expect(signings).toHaveLength(1)
  })

  test("that are missing from an answer are the server's error, which names the part", async () => {
    const sign = async (wanted: readonly Part[]): Promise<PartTarget[]> =>
      wanted
        .filter(({ number }) => number !== 2)
        .map(({ number }) => ({ number, url: 'u', method: 'PUT', headers: {}, validFor: undefined }))
    const batch = { first: 3, most: 3 }
    const some = new Targets({
      parts: all,
      batch,
      ahead: 0,
      clock: new FakeClock(),
      isTroubled: () => false,
      sign,
    })
    await expect(some.take(part(1))).rejects.toMatchObject({
      endpoint: 'sign',
      field: 'targets',
      expected: 'a list with part 2',
      message: 'sign: expected `targets` to be a list with part 2, got [1,3] (array)',
    })
  })

  test.each([
    ['as many as are used within 20 s', 1_000, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['no fewer than at first, if they are used slowly', 30_000, [3, 4]],
  ])('are signed for %s', async (_, pause, numbers) => {
    const { targets: some, signings, clock } = targets(2, 0, 10)
    for (const number of [1, 2]) {
      const taking = some.take(part(number))
      signings[number - 1]?.answer()
      await taking
      await clock.advance(pause)
      some.drop(number)
    }
    void some.take(part(3))
    expect(signings.at(-1)?.numbers).toEqual(numbers)
  })

  test('that are dropped twice count once', async () => {
    const { targets: some, signings, clock } = targets(2, 0, 10)
    const taking = some.take(part(1))
    signings[0]?.answer()
    await taking
    for (let times = 0; times < 5; times++) some.drop(1)
    await clock.advance(20_000)
    void some.take(part(3))
    expect(signings.at(-1)?.numbers).toEqual([3, 4])
  })

  test('that are on their way are not requested again with others', async () => {
    const { targets: some, signings } = targets(4, 0)
    void some.take(part(3))
    void some.take(part(1))
    expect(signings.map(({ numbers }) => numbers)).toEqual([
      [3, 4, 5, 6],
      [1, 2],
    ])
  })

  describe('while requests fail', () => {
    test('are not signed ahead beside the one call, nor again if they are there already', async () => {
      let isTroubled = false
      const { targets: some, signings } = targets(2, 6, 10, () => isTroubled)
      const taking = some.take(part(1))
      signings[0]?.answer()
      await taking
      for (const signing of signings) signing.answer()
      await flush()
      const before = signings.length
      isTroubled = true
      some.drop(1)
      const again = some.take(part(1))
      void some.take(part(2))
      await flush()
      // Of the parts behind it, only new ones.
      expect(signings.slice(before).map(({ numbers }) => numbers)).toEqual([[1, 9, 10]])
      signings[before]?.answer()
      await again
    })

    test('are requested by one call at a time, and those wanted meanwhile go together in the next', async () => {
      let isTroubled = false
      const { targets: some, signings } = targets(2, 0, 2, () => isTroubled)
      const early = [some.take(part(1)), some.take(part(2))]
      signings[0]?.answer()
      await Promise.all(early)
      await flush()
      for (const number of [1, 2]) some.drop(number)
      const begun = signings.length
      isTroubled = true
      const taking = [1, 2, 7].map((number) => some.take(part(number)))
      await flush()
      expect(signings.slice(begun).map(({ numbers }) => numbers)).toEqual([[1]])
      signings[begun]?.answer()
      await flush()
      // The waiting parts, whichever comes first, and the one after them.
      expect(signings.slice(begun + 1).map(({ numbers }) => numbers)).toEqual([[2, 7]])
      signings[begun + 1]?.answer()
      expect((await Promise.all(taking)).map(({ number }) => number)).toEqual([1, 2, 7])
    })

    test("that have expired are not used when another part's call ends", async () => {
      let isTroubled = false
      const { targets: some, signings, clock } = targets(2, 0, 2, () => isTroubled)
      const first = some.take(part(1))
      signings[0]?.answer(1_000)
      await first
      isTroubled = true
      await clock.advance(10_000)
      void some.take(part(5))
      const second = some.take(part(2))
      const asked = signings.length
      signings[asked - 1]?.answer()
      await flush()
      expect(signings[asked]?.numbers).toEqual([2, 3])
      signings[asked]?.answer()
      expect((await second).url).toBe(`https://s.test/2?call=${asked + 1}`)
    })

    test('fail together with the one call, since the server is the same', async () => {
      const { targets: some, signings } = targets(1, 0, 1, () => true)
      const taking = [1, 2, 3].map((number) => some.take(part(number)))
      const seen = Promise.allSettled(taking)
      signings[0]?.refuse(new Error('not now'))
      expect((await seen).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      expect(signings).toHaveLength(1)
    })

    test('that do not fit into a call go into the next one', async () => {
      let isTroubled = true
      const { targets: some, signings } = targets(2, 0, 2, () => isTroubled)
      const taking = [1, 2, 3, 4, 5].map((number) => some.take(part(number)))
      await flush()
      for (let call = 0; call < signings.length; call++) {
        expect(signings).toHaveLength(call + 1)
        signings[call]?.answer()
        await flush()
      }
      expect(signings.map(({ numbers }) => numbers)).toEqual([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      expect((await Promise.all(taking)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
      isTroubled = false
      await some.settled()
    })
  })
})
