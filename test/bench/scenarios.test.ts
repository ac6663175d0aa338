import { describe, expect, test } from 'vitest'
import { whyNot } from '../../bench/contenders.ts'
import { scenario, scenarioNames } from '../../bench/scenarios.ts'
import { Faults } from '../../demo/server/store/faults/faults.ts'

describe.each(scenarioNames)('the scenario %s', (name) => {
  test('has contenders, each once, including longhaul, which can do it', () => {
    const { contenders, reference = [] } = scenario(name)
    expect(new Set(contenders).size).toBe(contenders.length)
    expect(contenders).toEqual(expect.arrayContaining(['longhaul', ...reference]))
    expect(whyNot('longhaul', name)).toBeUndefined()
  })

  test('stalls and reloads only if a relay counts the bytes', () => {
    const { stalls, reloads, network } = scenario(name)
    if (stalls || reloads) expect(network).toBeDefined()
  })
})

test('a fifth of the parts is refused and a tenth is cut, always the same ones', () => {
  const history = (): (string | undefined)[] => {
    const faults = new Faults()
    faults.add(...(scenario('faults').faults?.(8) ?? []))
    const part = { operation: 'UploadPart', key: 'key', partNumber: 1 } as const
    return Array.from({ length: 10_000 }, () => faults.take(part)?.kind)
  }
  const kinds = history()
  const share = (wanted: string): number => kinds.filter((kind) => kind === wanted).length / kinds.length
  expect(share('status')).toBeCloseTo(0.2, 1)
  expect(share('cut')).toBeCloseTo(0.1, 1)
  expect(history()).toEqual(kinds)
})
