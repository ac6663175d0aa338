import { expect } from 'vitest'
import { describeHistories } from '../histories.ts'
import { serverNames, simulateAdapters } from './world.ts'

describeHistories('a real adapter in a simulated world', {
  simulate: simulateAdapters,
  count: 600,
  meets: (met) => {
    expect(met('server')).toEqual([...serverNames].sort())
    expect(met('end')).toEqual(['cancelled', 'done'])
  },
})
