/** Files with any name, through every backend, and through the keys that the demo's servers derive from names. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  newKey as newBkendKey,
  requireOwnKey as requireBkendKey,
} from '../../demo/server/backends/bkend/object-key.ts'
import { contentDisposition, newKey, requireOwnKey } from '../../demo/server/backends/object-key.ts'
import type { Json } from '../../src/ports.ts'
import { fuzzing, holds } from './fuzzed.ts'
import { journey, requireHonest } from './journey.ts'
import { modelServers } from './model-servers.ts'
import { withPageLocation } from './page-location.ts'

const pieces = [
  '..',
  '.',
  '/',
  '\\',
  ':',
  '%2e%2e%2f',
  '%00',
  '%',
  '#',
  '?',
  '&',
  '+',
  '{',
  '}',
  '{uploadId}',
  '"',
  "'",
  '`',
  '$(id)',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '\r\nx-injected: 1',
  '\u0000',
  '\u007f',
  '\u0085',
  '\u200f',
  '\u202e',
  '\u2028',
  '\ufeff',
  '\uffff',
  '\ud800',
  '\udc00',
  'e\u0301',
  '\u00e9',
  '日本語',
  '👩‍🚀',
  'CON',
  'a.txt',
  ' ',
  '__proto__',
  'constructor',
]

export const fileName: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((some) => some.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('x', '/', '..', '<b>', '\u202e', '日').map((piece) => piece.repeat(10_240 / piece.length)),
)

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** @param cases For each kind of server. */
export function describeNames(cases: number): void {
  withPageLocation()
  describe.each(modelServers.map((make) => ({ name: make().name, make })))('a file for $name', ({ make }) => {
    test('may have any name, and arrives under it', { timeout: 120_000 }, async () => {
      const named = fileName.filter((name) => name !== '')
      await holds(cases, named, async (name) => {
        const file = new File(['0123456789'], name, { type: 'text/plain', lastModified: 1 })
        const one = await journey({ server: make(), course: 'fresh', file })
        await requireHonest(one)
        expect(one.outcome.status).toBe('fulfilled')
        // Half a surrogate pair is not text: the platform's own File replaces it with U+FFFD.
        const said = one.told.flatMap(({ request }) => textsIn(request.json ?? null))
        expect(said.filter((text) => text === file.name)).not.toEqual([])
      })
    })
  })

  describe("the demo's keys", () => {
    const segment = /^[^/\p{Cc}]+$/u
    test.each([
      ['uploads', newKey, requireOwnKey],
      ['bkend', (name: string) => newBkendKey('me', name), (key: string) => requireBkendKey(key, 'me')],
    ] as const)('of %s have the name as their last segment, and nowhere else', (prefix, make, own) => {
      fc.assert(
        fc.property(fileName, (name) => {
          const key = make(name)
          const [first, ...rest] = key.split('/')
          const last = rest.at(-1) ?? ''
          expect([first, rest.length]).toEqual([prefix, prefix === 'bkend' ? 3 : 2])
          expect(segment.test(last) && !['.', '..'].includes(last)).toBe(true)
          expect(last).toBe(Buffer.from(last).toString())
          // A key that is too long for S3 is refused as such, here by bkend's server, elsewhere by the storage.
          if (prefix === 'bkend' && Buffer.byteLength(key) > 1024)
            expect(() => own(key)).toThrow('1024 bytes')
          else expect(own(key)).toBe(key)
          expect(make(name)).not.toBe(key)
        }),
        fuzzing(4 * cases),
      )
    })

    test('fit into a single header, with the name in full', () => {
      fc.assert(
        fc.property(fileName, (name) => {
          const key = newKey(name)
          const value = contentDisposition(key)
          expect(value).toMatch(
            /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]*$/,
          )
          expect(new Headers({ 'content-disposition': value }).get('content-disposition')).toBe(value)
          expect(decodeURIComponent(value.split("UTF-8''")[1] ?? '')).toBe(key.split('/').at(-1))
        }),
        fuzzing(4 * cases),
      )
    })
  })
}
