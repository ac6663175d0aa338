import { describe, expect, test } from 'vitest'
import { budgets, remoteWithHooks } from '../../scripts/size-budgets.ts'

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

test('hooks with a RemoteUploader bring nothing of the engine along', async () => {
  const { modules, bytes } = await remoteWithHooks()
  const paths = modules.map(([path]) => path)
  expect(paths).toContain('react/use-uploader.ts')
  expect(paths.filter((path) => /^(uploader|upload|run|sender|backends\/.*)\.ts$/.test(path))).toEqual([])
  expect(bytes).toBeLessThan(9_000)
})
