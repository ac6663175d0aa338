import { describe, expect, test } from 'vitest'
import { Speed } from '../../demo/page/rate/speed.ts'

describe('the speed of all uploads', () => {
  test('of what was stored within seconds is what it was, and no sixth of it', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    expect(speed.at(1_000, 100e6, 80e6)).toBe(80e6)
    expect(speed.at(2_000, 200e6, 200e6)).toBe(100e6)
  })

  test('has no peak at the start, where the machine takes what the network has not taken yet', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    expect(speed.at(1_000, 48e6, 0)).toBe(8e6)
    // Six parts of eight megabytes, each of which has taken five seconds and more.
    expect(speed.at(5_500, 96e6, 48e6)).toBe(16e6)
    expect(speed.at(5_400 + 6_000, 144e6, 96e6)).toBeLessThan(17e6)
  })

  test('after a rest is that of what follows, not of the rest', () => {
    const speed = new Speed()
    speed.at(0, 0, 0)
    speed.at(1_000, 10e6, 10e6)
    speed.at(60_000, 10e6, 10e6)
    expect(speed.at(61_000, 30e6, 30e6)).toBe(20e6)
  })

  test('is nothing where nothing has moved', () => {
    const speed = new Speed()
    expect(speed.at(0, 5, 5)).toBe(0)
    expect(speed.at(0, 5, 5)).toBe(0)
  })
})
