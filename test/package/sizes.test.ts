import { describe, expect, test } from 'vitest'
import { budgets } from '../../scripts/size-budgets.ts'

/** Bytes by which a ceiling may be above what it is for: more of it would let the library grow unseen. */
const slack = 600

describe.each(budgets)('the size of $name', ({ target, ceiling = target, measure }) => {
  test('is within its budget, or where that is not met yet, not above what it has come down to', async () => {
    const { bytes } = await measure()
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(ceiling)
    if (ceiling > target)
      expect(ceiling, 'lower the ceiling').toBeLessThanOrEqual(Math.max(target, bytes + slack))
  })
})
