import { describe, expect, test } from 'vitest'
import { Admission } from '../src/admission.ts'

const make = (): Admission => new Admission({ smallSize: 10, small: 2, large: 1 })

describe('the admission', () => {
  test('lets in as many as there is room for, and the others in the order in which they came', () => {
    const began: string[] = []
    const one = make()
    const leave = ['a', 'b', 'c', 'd'].map((name) => one.enter(5, () => began.push(name)))
    expect(began).toEqual(['a', 'b'])
    leave[1]?.()
    expect(began).toEqual(['a', 'b', 'c'])
    leave[0]?.()
    expect(began).toEqual(['a', 'b', 'c', 'd'])
  })

  test('does not make small ones wait behind large ones', () => {
    const began: string[] = []
    const one = make()
    for (const name of ['large 1', 'large 2']) one.enter(11, () => began.push(name))
    one.enter(10, () => began.push('small'))
    expect(began).toEqual(['large 1', 'small'])
  })

  test('does not call anyone who has left the line, and ignores leaving twice', () => {
    const began: string[] = []
    const one = make()
    const [leaveFirst, leaveSecond] = ['a', 'b', 'c'].map((name) => one.enter(11, () => began.push(name)))
    leaveSecond?.()
    leaveFirst?.()
    leaveFirst?.()
    expect(began).toEqual(['a', 'c'])
    one.enter(11, () => began.push('d'))
    expect(began).toEqual(['a', 'c'])
  })

  test('lets clean-ups begin at once without a turn, in groups that leave the page responsive', async () => {
    const one = make()
    let begun = 0
    const all = Array.from({ length: 1000 }, () => one.breathe().then(() => (begun += 1)))
    await Promise.resolve()
    expect(begun).toBe(49)
    const seen = [begun]
    while (begun < 1000) {
      await new Promise((resolve) => setImmediate(resolve))
      if (begun > (seen.at(-1) ?? 0)) seen.push(begun)
    }
    await Promise.all(all)
    expect(seen.length).toBeGreaterThan(5)
  })
})
