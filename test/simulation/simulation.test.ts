import { expect } from 'vitest'
import { describeHistories } from './histories.ts'
import { deeds, fates } from './plan.ts'
import { simulate } from './simulate.ts'

describeHistories('the engine in a simulated world', {
  simulate,
  count: 2_000,
  meets: (met) => {
    expect(met('request')).toEqual([...fates].sort())
    expect(met('deed')).toEqual([...deeds].sort())
    expect(met('end')).toEqual(['cancelled', 'done'])
    expect(met('state')).toEqual(
      'cancelled completing done failed hashing needs-file offline opening other-tab paused uploading waiting'.split(
        ' ',
      ),
    )
  },
})
