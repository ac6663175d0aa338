import { describe, expect, test } from 'vitest'
import { refusal } from '../src/limits.ts'

const photo = new File(['abc'], 'Holiday.JPG', { type: 'image/jpeg' })

describe('accept', () => {
  test.each(['', ' , ', '*/*', 'image/*', 'IMAGE/JPEG', '.jpg', '.png, .jpg', 'text/plain,image/*', '.JPG'])(
    'lets a picture in: %j',
    (accept) => expect(refusal(photo, { accept })).toBeUndefined(),
  )

  test.each(['image/png', '.jp', '.gif', 'image', 'video/*', 'i/*', 'image/jpe', '.jpeg'])(
    'keeps a picture out: %j',
    (accept) =>
      expect(refusal(photo, { accept })).toMatchObject({
        code: 'not-accepted',
        message: `"Holiday.JPG" is not accepted: expected ${accept}`,
        help: 'Choose a file of another type.',
      }),
  )

  test('ignores the parameters of a type', () => {
    const text = new File([''], 'a', { type: 'text/plain;charset=utf-8' })
    expect(refusal(text, { accept: 'text/plain' })).toBeUndefined()
  })

  test('throws if it is not a string', () => {
    const accept = ['image/*'] as unknown as string
    expect(() => refusal(photo, { accept })).toThrow('Expected `accept` to be a string')
  })
})

describe('maxSize', () => {
  test('is the largest size that is accepted', () => {
    expect(refusal(photo, { maxSize: 3 })).toBeUndefined()
    expect(refusal(photo, { maxSize: 2 })).toMatchObject({ code: 'too-large', size: 3, limit: 2 })
    expect(refusal(new File([], 'empty'), { maxSize: 0 })).toBeUndefined()
  })

  test('throws if it is negative or not a number', () => {
    expect(() => refusal(photo, { maxSize: -1 })).toThrow(RangeError)
    expect(() => refusal(photo, { maxSize: -1 })).toThrow('`maxSize`')
    expect(() => refusal(photo, { maxSize: '5' as unknown as number })).toThrow(TypeError)
  })
})
