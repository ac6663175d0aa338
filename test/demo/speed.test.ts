import { describe, expect, test } from 'vitest'
import { Speed } from '../../demo/page/rate/speed.ts'

describe('the speed of all uploads', () => {
  test('equals what was stored in the first seconds, not a fraction of it', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    expect(speed.at(1_000, 100e6, 80e6)).toBe(80e6)
    expect(speed.at(2_000, 200e6, 200e6)).toBe(100e6)
  })

  test('has no peak at the start, when the machine buffers bytes that the network has not sent yet', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    expect(speed.at(1_000, 48e6, 0)).toBe(8e6)
    // Six parts of eight megabytes, each of which took five seconds or more.
    expect(speed.at(5_500, 96e6, 48e6)).toBe(16e6)
    expect(speed.at(5_400 + 6_000, 144e6, 96e6)).toBeLessThan(17e6)
  })

  test('after a pause counts only what follows', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    speed.at(1_000, 10e6, 10e6)
    speed.at(60_000, 10e6, 10e6)
    expect(speed.at(61_000, 30e6, 30e6)).toBe(20e6)
  })

  test('is nothing if nothing has moved', () => {
    const speed = new Speed()
    expect(speed.at(0, 5, 5)).toBe(0)
    expect(speed.at(0, 5, 5)).toBe(0)
  })
})
