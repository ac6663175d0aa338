import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Costs, columns, medians, ofFile, ofPart } from '../../../bench/costs/costs.ts'
import { costsPage } from '../../../bench/costs/costs-page.ts'
import { costsPath, saved } from '../../../bench/costs/saved.ts'

function costs(value: (index: number) => number): Costs {
  return Object.fromEntries(columns.map((column, index) => [column, value(index)])) as Costs
}

describe('costs', () => {
  test('of a part are the difference between many parts and few, divided by the difference in their number', () => {
    const few = costs((index) => 100 + index)
    const many = costs((index) => 100 + index + 50 * (index + 1))
    expect(ofPart(few, many, 50)).toEqual(costs((index) => index + 1))
  })

  test('of a file are its costs apart from its part, and never less than nothing', () => {
    expect(
      ofFile(
        costs((index) => index * 10),
        10,
        costs(() => 2),
      ),
    ).toEqual(costs((index) => Math.max(0, index - 2)))
  })

  test('are the medians of the rounds, one by one', () => {
    const rounds = [costs((index) => index), costs(() => 4), costs((index) => 8 - index)]
    expect(medians(rounds)).toEqual(costs(() => 4))
  })
})

test('docs/costs.md has what the saved results say', () => {
  expect(readFileSync(costsPath, 'utf8')).toBe(costsPage(saved()))
})
