import { describe, expect, test } from 'vitest'
import { Admission } from '../src/admission.ts'

const make = (): Admission => new Admission({ smallSize: 10, small: 2, large: 1 })

describe('who may work', () => {
  test('as many as there is room for, the others in the order in which they came', () => {
    const began: string[] = []
    const one = make()
    const leave = ['a', 'b', 'c', 'd'].map((name) => one.enter(5, () => began.push(name)))
    expect(began).toEqual(['a', 'b'])
    leave[1]?.()
    expect(began).toEqual(['a', 'b', 'c'])
    leave[0]?.()
    expect(began).toEqual(['a', 'b', 'c', 'd'])
  })

  test('small ones do not wait behind large ones', () => {
    const began: string[] = []
    const one = make()
    for (const name of ['large 1', 'large 2']) one.enter(11, () => began.push(name))
    one.enter(10, () => began.push('small'))
    expect(began).toEqual(['large 1', 'small'])
  })

  test('who leaves the line is not called, and leaving twice changes nothing', () => {
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

  test('what is thrown away without a turn begins at once, and of many so many at a time that the page stays alive', async () => {
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
