import { describe, expect, test } from 'vitest'
import { WidthControl } from '../src/concurrency.ts'
import { FakeClock } from './fakes/clock.ts'

/** Turns that are full unless set otherwise. */
class RecordedTurns {
  isFull = true
  /** The widths that were set. */
  readonly widths: number[] = []
  #width: number

  constructor(width: number) {
    this.#width = width
  }

  get width(): number {
    return this.#width
  }

  set width(width: number) {
    this.#width = width
    this.widths.push(width)
  }
}

/** Parts of equal size on a network whose goodput (bytes per millisecond) depends on the width. */
class Network {
  readonly clock = new FakeClock()
  readonly turns: RecordedTurns
  readonly control: WidthControl
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
    this.turns = new RecordedTurns(options.start ?? 3)
    this.control = new WidthControl({ clock: this.clock, max: options.max ?? 5, turns: this.turns })
  }

  /** Sends for the given time, reporting what moves every 10 ms. */
  async run(milliseconds: number, everyTick: () => void = () => {}): Promise<void> {
    for (let time = 0; time < milliseconds; time += 10) {
      await this.clock.advance(10)
      const bytes = 10 * this.#goodput(this.turns.width)
      this.control.moved(bytes)
      this.#moved += bytes
      for (; this.#moved >= this.#partSize; this.#moved -= this.#partSize) this.control.acknowledged()
      everyTick()
    }
  }
}

describe('the width of the line', () => {
  test('grows to the maximum if every connection has a rate of its own', async () => {
    const network = new Network((width) => width * 1250, 5_000_000)
    await network.run(8_000)
    expect(network.turns.width).toBe(5)
  })

  test('grows to the maximum within a few parts if a part takes no longer than a request', async () => {
    const network = new Network((width) => width * 70_000, 5_000_000)
    await network.run(500)
    expect(network.turns.width).toBe(5)
  })

  test('stays where it is, apart from short trials, if one more connection gains nothing', async () => {
    const network = new Network(() => 625, 5_000_000)
    let wide = 0
    await network.run(120_000, () => {
      if (network.turns.width > 3) wide += 10
    })
    expect(network.turns.width).toBe(3)
    expect(wide / 120_000).toBeLessThan(0.15)
  })

  test('stays at a limit from the moment it is set', async () => {
    const network = new Network((width) => width * 70_000, 5_000_000, { max: 6 })
    await network.run(500)
    expect(network.turns.width).toBe(6)
    network.control.limit(5)
    expect(network.turns.width).toBe(5)
    await network.run(5_000)
    expect(network.turns.width).toBe(5)
  })

  test('does not change if the line is not full', async () => {
    const network = new Network((width) => width * 1250, 5_000_000)
    network.turns.isFull = false
    await network.run(8_000)
    expect(network.turns.widths).toEqual([])
  })

  test('shrinks on trouble, and stays smaller if that costs nothing', async () => {
    const network = new Network(() => 5_000, 1_000_000, { start: 5 })
    await network.run(2_000)
    network.control.trouble()
    expect(network.turns.width).toBe(4)
    await network.run(1_500)
    expect(network.turns.width).toBe(4)
    network.control.trouble()
    expect(network.turns.width).toBe(3)
  })

  test('goes back if the smaller width is slower, and then ignores trouble for a while', async () => {
    const network = new Network((width) => width * 5_000, 1_000_000, { start: 5 })
    await network.run(2_000)
    network.control.trouble()
    expect(network.turns.width).toBe(4)
    await network.run(1_500)
    expect(network.turns.width).toBe(5)
    network.control.trouble()
    expect(network.turns.width).toBe(5)
  })

  test('halves if nothing gets through, and grows again after eight acknowledged parts', async () => {
    // The bytes that leave suggest that more connections pay, as they go into a proxy's memory.
    const network = new Network((width) => width * 5_000, Number.POSITIVE_INFINITY, { start: 5 })
    const { control, turns } = network
    await network.run(2_000)
    for (const width of [3, 2, 1, 1]) {
      control.trouble(true)
      expect(turns.width).toBe(width)
    }
    await network.run(10_000)
    expect(turns.width).toBe(1)
    for (let part = 0; part < 7; part++) control.acknowledged()
    await network.run(2_000)
    expect(turns.width).toBe(1)
    control.acknowledged()
    await network.run(2_000)
    expect(turns.width).toBeGreaterThan(1)
  })

  test('is never less than one nor more than the maximum', async () => {
    const network = new Network((width) => 1_000 + width, 100_000)
    await network.run(60_000, () => network.control.trouble())
    await network.run(60_000)
    expect(Math.min(...network.turns.widths)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...network.turns.widths)).toBeLessThanOrEqual(5)
  })
})

/** Steps with exact figures: looks that end with a round of parts, and looks that end after a second. */
class Steps {
  readonly clock = new FakeClock()
  readonly turns: RecordedTurns
  readonly control: WidthControl

  constructor(options: { start?: number; max?: number } = {}) {
    this.turns = new RecordedTurns(options.start ?? 3)
    this.control = new WidthControl({ clock: this.clock, max: options.max ?? 5, turns: this.turns })
  }

  /** Moves the given bytes per millisecond for the given time, and then acknowledges parts. */
  round(goodput: number, milliseconds = 200, parts = this.turns.width): number {
    this.control.moved(0)
    this.clock.jump(milliseconds)
    this.control.moved(goodput * milliseconds)
    for (let part = 0; part < parts; part++) this.control.acknowledged()
    return this.turns.width
  }

  long(goodput: number, milliseconds = 1_000): number {
    return this.round(goodput, milliseconds, 0)
  }

  /** The widths after a number of rounds with the same goodput. */
  rounds(count: number, goodput: number): number[] {
    return Array.from({ length: count }, () => this.round(goodput))
  }
}

describe('a look at the goodput', () => {
  test('ends with as many parts as are on their way, after a tenth of a second at least', () => {
    const steps = new Steps()
    expect(steps.round(300, 99)).toBe(3)
    steps.clock.jump(1)
    steps.control.acknowledged()
    expect(steps.turns.width).toBe(4)
    const few = new Steps()
    expect(few.round(300, 900, 2)).toBe(3)
    few.control.acknowledged()
    expect(few.turns.width).toBe(4)
  })

  test('otherwise ends after a second, and begins when the first byte moves', () => {
    const steps = new Steps()
    steps.clock.jump(5_000)
    expect(steps.long(300, 999)).toBe(3)
    steps.clock.jump(1)
    steps.control.moved(0)
    expect(steps.turns.width).toBe(4)
  })

  test('that ends after a second is skipped once after a step, since what a new connection buffers at once says nothing', () => {
    const steps = new Steps()
    expect(steps.long(300)).toBe(4)
    // The second after the step shows no gain and is skipped. The next one shows none either, and counts.
    expect(steps.long(300)).toBe(4)
    expect(steps.long(300)).toBe(3)
  })

  test('that ends with a round counts at once after a step', () => {
    const steps = new Steps()
    expect(steps.rounds(2, 300)).toEqual([4, 3])
  })

  test('begins again if the line was not full meanwhile, without the earlier bytes and parts', () => {
    const steps = new Steps()
    steps.round(300, 200, 2)
    steps.turns.isFull = false
    steps.control.moved(1_000_000)
    steps.turns.isFull = true
    expect(steps.round(300, 200, 2)).toBe(3)
    steps.control.acknowledged()
    expect(steps.turns.width).toBe(4)
    // The bytes that moved before are not in the figure that the step is compared with.
    expect(steps.round(310)).toBe(5)
  })
})

describe('a step', () => {
  test('up pays if it gains a tenth of what it could', () => {
    for (const [goodput, width] of [
      [310, 5],
      [309, 3],
    ] as const) {
      const steps = new Steps()
      steps.round(300)
      expect(steps.round(goodput)).toBe(width)
    }
  })

  test('down pays if no more than a tenth of what it could cost is lost', () => {
    for (const [goodput, width] of [
      [490, 4],
      [489, 5],
    ] as const) {
      const steps = new Steps({ start: 5 })
      steps.round(500)
      steps.control.trouble()
      expect(steps.turns.width).toBe(4)
      expect(steps.round(goodput)).toBe(width)
    }
  })

  test('down before any measurement is compared with nothing', () => {
    const steps = new Steps()
    steps.control.trouble()
    expect(steps.turns.width).toBe(2)
    expect(steps.round(1)).toBe(2)
  })

  test('that was being tried when nothing got through any more is neither judged nor taken back', () => {
    const steps = new Steps()
    expect(steps.round(300)).toBe(4)
    steps.control.trouble(true)
    expect(steps.turns.width).toBe(2)
    expect(steps.rounds(2, 1)).toEqual([2, 2])
  })

  test('up that did not pay is tried again after 2 looks, then 4, and so on up to 64', () => {
    const steps = new Steps({ max: 4 })
    const widths = steps.rounds(400, 300)
    const trials = widths.flatMap((width, look) => (width === 4 ? [look] : []))
    const rests = trials.slice(1).map((look, index) => look - (trials[index] ?? 0) - 1)
    expect(rests).toEqual([2, 4, 8, 16, 32, 64, 64, 64, 64, 64])
  })

  test('up that paid resets the wait before the next one to 2 looks', () => {
    const steps = new Steps({ max: 5 })
    // Two failed trials, after which it waits for 4 looks. Then one that pays, and the next fails.
    expect(steps.rounds(9, 300)).toEqual([4, 3, 3, 4, 3, 3, 3, 3, 4])
    expect(steps.round(400)).toBe(5)
    expect(steps.rounds(4, 400)).toEqual([4, 4, 5, 4])
  })

  test('down that was kept is not undone for 2 looks', () => {
    const steps = new Steps({ start: 5 })
    steps.round(500)
    steps.control.trouble()
    expect(steps.rounds(3, 500)).toEqual([4, 4, 5])
  })

  test('down that did not pay makes the control ignore trouble for 8 looks', () => {
    const steps = new Steps({ start: 5 })
    steps.round(500)
    steps.control.trouble()
    expect(steps.round(400)).toBe(5)
    for (let look = 0; look < 8; look++) {
      steps.control.trouble()
      expect(steps.turns.width).toBe(5)
      steps.round(500)
    }
    steps.control.trouble()
    expect(steps.turns.width).toBe(4)
  })

  test('down happens once at a time, even between a step up and its judgement', () => {
    const steps = new Steps()
    steps.round(300)
    expect(steps.turns.width).toBe(4)
    steps.control.trouble()
    steps.control.trouble()
    expect(steps.turns.width).toBe(3)
  })

  test('down is judged by what moves after it', () => {
    const steps = new Steps({ start: 5 })
    steps.round(500)
    steps.round(10_000, 500, 1)
    steps.control.trouble()
    expect(steps.turns.width).toBe(4)
    expect(steps.round(100)).toBe(5)
  })

  test('is compared with the look before it, not with an older one', () => {
    const steps = new Steps({ start: 3, max: 4 })
    expect(steps.rounds(3, 300)).toEqual([4, 3, 3])
    expect(steps.round(600)).toBe(4)
    expect(steps.round(600)).toBe(3)
  })

  test('down never goes below one', () => {
    const steps = new Steps({ start: 1 })
    steps.control.trouble()
    expect(steps.turns.width).toBe(1)
  })
})

describe('a limit', () => {
  test('is never raised again, and causes no step by itself', () => {
    const turns = new RecordedTurns(3)
    const { widths } = turns
    const control = new WidthControl({ clock: new FakeClock(), max: 6, turns })
    control.limit(4)
    control.limit(5)
    expect(widths).toEqual([])
    control.limit(2)
    control.limit(2)
    expect(widths).toEqual([2])
  })
})
