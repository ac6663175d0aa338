import { describe, expect, test } from 'vitest'
import { contentDisposition, newKey, requireOwnKey, safeName } from '../../demo/server/backends/object-key.ts'

const controls = String.fromCharCode(0, 9, 10, 31, 127, 133)

describe('the name in a key', () => {
  test.each([
    '日本語 ファイル.mov',
    'a b.txt',
    '#?%+ &=.bin',
    '%2e%2e',
    '...',
    '.hidden',
    "it's (1)!*.txt",
    '😀',
  ])('is kept: %s', (name) => expect(safeName(name)).toBe(name))

  test.each([
    ['', 'file'],
    ['.', '_'],
    ['..', '__'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    [`a${controls}b`, 'a______b'],
    ['half \ud83d pair', 'half \ufffd pair'],
  ])('is made safe: %j', (name, safe) => expect(safeName(name)).toBe(safe))

  test('does not lead two uploads of one name to one object', () => {
    expect(newKey('a.txt')).not.toBe(newKey('a.txt'))
  })

  test.each(['a.txt', '', '..', '#?%', 'x/../y'])(
    'gives a key that the server accepts as its own: %j',
    (name) => {
      const key = newKey(name)
      expect(requireOwnKey(key)).toBe(key)
    },
  )
})

test.each([
  '',
  'uploads',
  'uploads/',
  'private/a.txt',
  'uploads/../a.txt',
  'uploads//a',
  '/uploads/a',
  'uploads/x/',
])('a key that is not the demo server’s is refused: %j', (key) =>
  expect(() => requireOwnKey(key)).toThrow(/Expected a key of this server/),
)

test('a download has its name both in plain ASCII and in full', () => {
  expect(contentDisposition('uploads/x/"naïve" 日本\\%.txt')).toBe(
    `attachment; filename="_na_ve_ ____.txt"; filename*=UTF-8''%22na%C3%AFve%22%20%E6%97%A5%E6%9C%AC%5C%25.txt`,
  )
})
