import { describe, expect, test } from 'vitest'
import { budgets, remoteWithHooks } from '../../scripts/size-budgets.ts'

/** How many bytes a ceiling may exceed its size by. With more, the library could grow unnoticed. */
const slack = 600

describe.each(budgets)('the size of $name', ({ target, ceiling = target, measure }) => {
  test('is within its target, or, if that is not met yet, below its ceiling', async () => {
    const { bytes } = await measure()
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(ceiling)
    if (ceiling > target)
      expect(ceiling, 'lower the ceiling').toBeLessThanOrEqual(Math.max(target, bytes + slack))
  })
})

test('hooks with a RemoteUploader contain nothing of the engine', async () => {
  const { modules, bytes } = await remoteWithHooks()
  const paths = modules.map(([path]) => path)
  expect(paths).toContain('react/use-uploader.ts')
  expect(paths.filter((path) => /^(uploader|upload|run|sender|backends\/.*)\.ts$/.test(path))).toEqual([])
  expect(bytes).toBeLessThan(9_000)
})
