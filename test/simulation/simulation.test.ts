import { describe, expect, test } from 'vitest'
import { simulate } from './simulate.ts'

describe('the engine in a simulated world', () => {
  test('keeps every rule in the histories of 2,000 seeds', { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const { violation, lines } = await simulate(seed)
      const history = `seed ${seed} (npm run simulate -- --seed ${seed})\n${lines.slice(-40).join('\n')}`
      expect(violation, history).toBeUndefined()
    }
  })

  test('makes the same history of the same seed', async () => {
    for (const seed of [1, 77, 500])
      expect((await simulate(seed)).lines).toEqual((await simulate(seed)).lines)
  })
})
