import { describe, expect, test, vi } from 'vitest'
import { CorruptedError } from '../src/errors.ts'
import { EtagCheck, md5Of } from '../src/etags.ts'

const [right, wrong, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string]

test.each([
  [`"${right}"`, right],
  [right, right],
  [`"${right.toUpperCase()}"`, right],
  // From a multipart object, a weak comparison, and other storages.
  [`"${right}-3"`, undefined],
  [`W/"${right}"`, undefined],
  [`"0${right}"`, undefined],
  [`"${'g'.repeat(32)}"`, undefined],
  ['"0x8D4BCC2E4835CD0"', undefined],
  ['', undefined],
])('the ETag %s is read as the MD5 %s', (etag, md5) => {
  expect(md5Of(etag)).toBe(md5)
})

describe('ETags compared with the MD5 of what was sent', () => {
  function check() {
    const onUnfit = vi.fn()
    const etags = new EtagCheck(onUnfit)
    const compare = (number: number, etag: string): void =>
      etags.compare({ number, size: 1, etag: `"${etag}"` }, right)
    return { compare, onUnfit }
  }

  test('report a damaged part if one differs, even if it differs in the same way each time', () => {
    const { compare, onUnfit } = check()
    for (let attempt = 0; attempt < 3; attempt++) expect(() => compare(1, wrong)).toThrow(CorruptedError)
    expect(() => compare(2, other)).toThrow(CorruptedError)
    expect(onUnfit).not.toHaveBeenCalled()
  })

  test('are not compared any more if one part had two different ETags and neither was right, with one warning', () => {
    const { compare, onUnfit } = check()
    expect(() => compare(1, wrong)).toThrow(CorruptedError)
    for (const etag of [other, wrong, 'opaque']) compare(1, etag)
    expect(onUnfit).toHaveBeenCalledTimes(1)
  })

  test('are not compared any more if one looks like no MD5', () => {
    const { compare, onUnfit } = check()
    compare(1, 'opaque')
    compare(2, wrong)
    expect(onUnfit).toHaveBeenCalledTimes(1)
  })

  test('are always compared once one was right', () => {
    const { compare, onUnfit } = check()
    compare(1, right)
    for (const etag of [wrong, other, 'opaque']) expect(() => compare(2, etag)).toThrow(CorruptedError)
    expect(onUnfit).not.toHaveBeenCalled()
  })
})
