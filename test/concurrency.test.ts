import { describe, expect, test } from 'vitest'
import { WidthControl } from '../src/concurrency.ts'
import { FakeClock } from './fakes/clock.ts'

/** Parts of so many bytes, all the same, on a network whose goodput (bytes a millisecond) follows from the width. */
class Network {
  readonly clock = new FakeClock()
  readonly widths: number[] = []
  readonly control: WidthControl
  isFull = true
  #moved = 0
  readonly #goodput: (width: number) => number
  readonly #partSize: number

  constructor(
    goodput: (width: number) => number,
    partSize: number,
    options: { start?: number; max?: number } = {},
  ) {
    this.#goodput = goodput
    this.#partSize = partSize
    this.control = new WidthControl({
      clock: this.clock,
      start: options.start ?? 3,
      max: options.max ?? 5,
      isFull: () => this.isFull,
      onChange: (width) => this.widths.push(width),
    })
  }

  /** Lets it send for so long, telling what moves every 10 ms. */
  async run(milliseconds: number, everyTick: () => void = () => {}): Promise<void> {
    for (let time = 0; time < milliseconds; time += 10) {
      await this.clock.advance(10)
      const bytes = 10 * this.#goodput(this.control.width)
      this.control.moved(bytes)
      this.#moved += bytes
      for (; this.#moved >= this.#partSize; this.#moved -= this.#partSize) this.control.acknowledged()
      everyTick()
    }
  }
}

describe('the width of the line', () => {
  test('grows to the most where every connection has a rate of its own', async () => {
    const network = new Network((width) => width * 1250, 5_000_000)
    await network.run(8_000)
    expect(network.control.width).toBe(5)
  })

  test('gets there within a few parts where a part takes no longer than a request', async () => {
    const network = new Network((width) => width * 70_000, 5_000_000)
    await network.run(500)
    expect(network.control.width).toBe(5)
  })

  test('stays where it is, but for short trials, where one more brings nothing', async () => {
    const network = new Network(() => 625, 5_000_000)
    let wide = 0
    await network.run(120_000, () => {
      if (network.control.width > 3) wide += 10
    })
    expect(network.control.width).toBe(3)
    expect(wide / 120_000).toBeLessThan(0.15)
  })

  test('leaves what it is told to leave, from then on', async () => {
    const network = new Network((width) => width * 70_000, 5_000_000, { max: 6 })
    await network.run(500)
    expect(network.control.width).toBe(6)
    network.control.limit(5)
    expect(network.control.width).toBe(5)
    await network.run(5_000)
    expect(network.control.width).toBe(5)
  })

  test('says nothing of the width where the line is not full', async () => {
    const network = new Network((width) => width * 1250, 5_000_000)
    network.isFull = false
    await network.run(8_000)
    expect(network.widths).toEqual([])
  })

  test('shrinks on trouble, and stays small where that costs nothing', async () => {
    const network = new Network(() => 5_000, 1_000_000, { start: 5 })
    await network.run(2_000)
    network.control.trouble()
    expect(network.control.width).toBe(4)
    await network.run(1_500)
    expect(network.control.width).toBe(4)
    network.control.trouble()
    expect(network.control.width).toBe(3)
  })

  test('takes it back where less is slower, and then does not listen to trouble for a while', async () => {
    const network = new Network((width) => width * 5_000, 1_000_000, { start: 5 })
    await network.run(2_000)
    network.control.trouble()
    expect(network.control.width).toBe(4)
    await network.run(1_500)
    expect(network.control.width).toBe(5)
    network.control.trouble()
    expect(network.control.width).toBe(5)
  })

  test('is never less than one nor more than the most', async () => {
    const network = new Network((width) => 1_000 + width, 100_000)
    await network.run(60_000, () => network.control.trouble())
    await network.run(60_000)
    expect(Math.min(...network.widths)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...network.widths)).toBeLessThanOrEqual(5)
  })
})
