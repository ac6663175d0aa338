import { describe, expect, test } from 'vitest'
import { checkpointKey, identify, requireSame, sameIdentity } from '../src/identity.ts'

const file = new File(['abc'], 'a.txt', { type: 'text/plain', lastModified: 5 })

describe('an identity', () => {
  test('distinguishes files without reading them', () => {
    expect(identify(file)).toEqual({
      name: 'a.txt',
      relativePath: '',
      size: 3,
      lastModified: 5,
      type: 'text/plain',
    })
  })

  test('with an invalid date is shown in the error of a mismatch', () => {
    const stored = { ...identify(file), lastModified: Number.MAX_SAFE_INTEGER }
    expect(() => requireSame(stored, file)).toThrow(/changed 9007199254740991\).*changed 1970-01-01T/)
  })

  test('differs with each of its fields except the type', () => {
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
      // The type depends on how the file was picked.
      expect(sameIdentity(identity, { ...identity, ...other })).toBe('type' in other)
      expect(checkpointKey('', 'b', identity, {})).not.toBe(
        checkpointKey('', 'b', { ...identity, ...other }, {}),
      )
    }
  })
})

describe('a file that is picked again', () => {
  /** A file that was picked with its folder. */
  function inFolder(path: string): File {
    const one = new File(['abc'], 'a.txt', { type: 'text/plain', lastModified: 5 })
    return Object.defineProperty(one, 'webkitRelativePath', { value: path })
  }

  test('matches by its own name if the application has given it another, and by no other name', () => {
    const identity = identify(file, undefined, 'report')
    expect(identity).toMatchObject({ name: 'report', ownName: 'a.txt' })
    expect(identify(file)).not.toHaveProperty('ownName')
    expect(requireSame(identity, file)).toBe(file)
    const other = new File(['abc'], 'b.txt', { type: 'text/plain', lastModified: 5 })
    expect(() => requireSame(identity, other)).toThrow(
      /^Expected "report" \(3 bytes.*, got "b.txt" \(3 bytes/,
    )
  })

  test('matches with and without its folder, but not from another folder', () => {
    const identity = identify(inFolder('x/a.txt'))
    expect(identity.relativePath).toBe('x/a.txt')
    for (const same of [file, inFolder('x/a.txt')]) expect(requireSame(identity, same)).toBe(same)
    expect(() => requireSame(identity, inFolder('y/a.txt'))).toThrow(/^Expected "x\/a.txt".*, got "y\/a.txt"/)
    expect(() => requireSame(identify(file), inFolder('x/a.txt'))).toThrow('Expected "a.txt"')
    expect(identify(inFolder('x/a.txt'), 'z').relativePath).toBe('z')
  })
})

test('a file matches whatever its type, which depends on how it was picked', () => {
  const ways = ['', 'text/x-other', 'text/plain'].map(
    (type) => new File(['abc'], 'a.txt', { type, lastModified: 5 }),
  )
  for (const again of ways) expect(requireSame(identify(file), again)).toBe(again)
})

describe('the key of a checkpoint', () => {
  const identity = identify(file)

  test('does not depend on the order of the params', () => {
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
