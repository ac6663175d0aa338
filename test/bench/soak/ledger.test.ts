import { describe, expect, test } from 'vitest'
import { grace, Ledger } from '../../../bench/soak/ledger.ts'

describe('the ledger of a soak', () => {
  test('counts each part once', () => {
    const ledger = new Ledger()
    ledger.stored('a 1', 10)
    ledger.stored('a 2', 20)
    expect(ledger.report).toEqual({ stored: 2, resent: 0, sealed: 0, faults: [], faultCount: 0 })
  })

  test('finds a part that arrives twice in one life', () => {
    const ledger = new Ledger()
    ledger.stored('a 1', 10)
    ledger.stored('a 1', 20)
    expect(ledger.report).toMatchObject({
      stored: 1,
      faultCount: 1,
      faults: ['part a 1 was acknowledged, and sent again'],
    })
  })

  test('accepts that parts on their way at a kill arrive again, but no part that was acknowledged before', () => {
    const ledger = new Ledger()
    ledger.stored('a 1', 0)
    ledger.stored('a 2', 1)
    ledger.killed(grace + 1)
    expect(ledger.report).toMatchObject({ stored: 2, sealed: 1 })
    ledger.stored('a 2', 5_000)
    expect(ledger.report).toMatchObject({ stored: 2, resent: 1, faultCount: 0 })
    ledger.stored('a 1', 5_000)
    expect(ledger.report.faults).toEqual(['part a 1 was acknowledged before a kill, and sent again'])
  })

  test('counts all faults and names the first of them', () => {
    const ledger = new Ledger()
    for (let index = 0; index < 30; index++) ledger.fault(`fault ${index}`)
    expect(ledger.report.faultCount).toBe(30)
    expect(ledger.report.faults).toHaveLength(20)
  })
})
