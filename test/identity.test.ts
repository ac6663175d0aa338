import { describe, expect, test } from 'vitest'
import { checkpointKey, identify, requireSame, sameIdentity } from '../src/identity.ts'

const file = new File(['abc'], 'a.txt', { type: 'text/plain', lastModified: 5 })

describe('an identity', () => {
  test('is what tells one file from another without reading it', () => {
    expect(identify(file)).toEqual({
      name: 'a.txt',
      relativePath: '',
      size: 3,
      lastModified: 5,
      type: 'text/plain',
    })
  })

  test('of a date that there is none of is told all the same where it differs', () => {
    const stored = { ...identify(file), lastModified: Number.MAX_SAFE_INTEGER }
    expect(() => requireSame(stored, file)).toThrow(/changed 9007199254740991\).*changed 1970-01-01T/)
  })

  test('differs with any of its fields', () => {
    const identity = identify(file)
    expect(sameIdentity(identity, { ...identity })).toBe(true)
    const others = [
      { name: 'b' },
      { relativePath: 'x/a.txt' },
      { size: 4 },
      { lastModified: 6 },
      { type: '' },
    ]
    for (const other of others) {
      expect(sameIdentity(identity, { ...identity, ...other })).toBe(false)
      expect(checkpointKey('', 'b', identity, {})).not.toBe(
        checkpointKey('', 'b', { ...identity, ...other }, {}),
      )
    }
  })
})

describe('the key of a checkpoint', () => {
  const identity = identify(file)

  test('does not depend on the order in which params are written', () => {
    const one = checkpointKey('', 'b', identity, { a: 1, b: { c: [1, 2], d: null } })
    expect(checkpointKey('', 'b', identity, { b: { d: null, c: [1, 2] }, a: 1 })).toBe(one)
  })

  test.each([
    [{ a: 1 }],
    [{ a: '1' }],
    [{ a: [1, 2] }],
    [{ a: [2, 1] }],
    [{ a: { b: 1 } }],
    [{ a: ['b', 1] }],
  ])('differs with params %j', (params) => {
    const all = [{}, { a: 1 }, { a: '1' }, { a: [1, 2] }, { a: [2, 1] }, { a: { b: 1 } }, { a: ['b', 1] }]
    const equal = all.filter(
      (other) => checkpointKey('', 'b', identity, other) === checkpointKey('', 'b', identity, params),
    )
    expect(equal).toEqual([params])
  })

  test('differs with the backend', () => {
    expect(checkpointKey('', 'a', identity, {})).not.toBe(checkpointKey('', 'b', identity, {}))
  })
})
