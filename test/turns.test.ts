import { describe, expect, test } from 'vitest'
import { Turns } from '../src/turns.ts'
import { flush } from './fakes/clock.ts'

const never = new AbortController().signal

/** Operations that run until the test ends them, and which of them have begun. */
class Work {
  readonly begun: string[] = []
  readonly #ends = new Map<string, (error?: Error) => void>()

  readonly as = (name: string) => (): Promise<string> => {
    this.begun.push(name)
    return new Promise((resolve, reject) => {
      this.#ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)))
    })
  }

  async end(name: string, error?: Error): Promise<void> {
    this.#ends.get(name)?.(error)
    await flush()
  }
}

describe('turns', () => {
  test('are given to as many at once as there are places, and then to the next when one has ended', async () => {
    const [turns, work] = [new Turns(2), new Work()]
    const all = ['a', 'b', 'c', 'd'].map((name) => turns.run(never, work.as(name)))
    await flush()
    expect(work.begun).toEqual(['a', 'b'])
    expect(turns.isFull).toBe(true)
    await work.end('b')
    expect(work.begun).toEqual(['a', 'b', 'c'])
    for (const name of ['a', 'c', 'd']) await work.end(name)
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(turns.isFull).toBe(false)
  })

  test('go by rank, and among equals in the order of arrival', async () => {
    const [turns, work] = [new Turns(1), new Work()]
    const ranks = { now: 0, last: 3, first: 1, second: 1, third: 2 }
    const all = Object.entries(ranks).map(([name, rank]) => turns.run(never, work.as(name), rank))
    for (const name of ['now', 'first', 'second', 'third', 'last']) await work.end(name)
    await Promise.all(all)
    expect(work.begun).toEqual(['now', 'first', 'second', 'third', 'last'])
  })

  test('pass the place of an operation that fails to the next', async () => {
    const [turns, work] = [new Turns(1), new Work()]
    const failing = expect(turns.run(never, work.as('a'))).rejects.toThrow('no')
    const next = turns.run(never, work.as('b'))
    await work.end('a', new Error('no'))
    await failing
    await work.end('b')
    expect(await next).toBe('b')
  })

  test('reject with the reason for those that are stopped while they wait, and for no others', async () => {
    const [turns, work, stop] = [new Turns(1), new Work(), new AbortController()]
    const running = turns.run(never, work.as('a'))
    const leaving = ['b', 'c'].map((name) => turns.run(stop.signal, work.as(name)))
    const staying = turns.run(never, work.as('d'))
    const reason = new Error('stopped')
    stop.abort(reason)
    expect(await Promise.allSettled(leaving)).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    await work.end('a')
    await work.end('d')
    expect(await Promise.all([running, staying])).toEqual(['a', 'd'])
    expect(work.begun).toEqual(['a', 'd'])
  })

  test('keep the place of an operation that is stopped while it runs until it has ended', async () => {
    const [turns, work, stop] = [new Turns(1), new Work(), new AbortController()]
    const running = turns.run(stop.signal, work.as('a'))
    const next = turns.run(never, work.as('b'))
    stop.abort()
    await flush()
    expect(work.begun).toEqual(['a'])
    await work.end('a')
    await work.end('b')
    expect(await Promise.all([running, next])).toEqual(['a', 'b'])
  })

  test('pass the place on if an operation is stopped at the moment of its turn', async () => {
    const [turns, work, stop] = [new Turns(1), new Work(), new AbortController()]
    const running = turns.run(never, work.as('a'))
    const stopped = turns.run(stop.signal, work.as('b'))
    const next = turns.run(never, work.as('c'))
    // The place is b's, but b has not continued yet.
    turns.width = 2
    stop.abort(new Error('stopped'))
    await expect(stopped).rejects.toThrow('stopped')
    await flush()
    expect(work.begun).toEqual(['a', 'c'])
    await work.end('a')
    await work.end('c')
    expect(await Promise.all([running, next])).toEqual(['a', 'c'])
  })

  test('do not begin an operation that was stopped before', async () => {
    const [turns, work] = [new Turns(1), new Work()]
    const stopped = AbortSignal.abort(new Error('before'))
    await expect(turns.run(stopped, work.as('a'))).rejects.toThrow('before')
    const running = turns.run(never, work.as('b'))
    // It does not wait for a turn either.
    await expect(turns.run(stopped, work.as('c'))).rejects.toThrow('before')
    expect(work.begun).toEqual(['b'])
    await work.end('b')
    await running
  })

  test('use new places at once, and give up places only as running operations end', async () => {
    const [turns, work] = [new Turns(1), new Work()]
    const all = ['a', 'b', 'c', 'd'].map((name) => turns.run(never, work.as(name)))
    turns.width = 3
    await flush()
    expect(work.begun).toEqual(['a', 'b', 'c'])
    turns.width = 1
    expect(turns.width).toBe(1)
    await work.end('a')
    await work.end('b')
    expect(work.begun).toEqual(['a', 'b', 'c'])
    await work.end('c')
    await work.end('d')
    expect(await Promise.all(all)).toHaveLength(4)
  })
})
