import { expect, test } from 'vitest'
import { english, relabeled, speedText } from '../src/element/labels.ts'

test('longhaul/element can be imported on a server, and defines nothing there', async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort()
  const { defineUploadElement } = await import('../src/element/index.ts')
  expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
  expect(defineUploadElement).toBeTypeOf('function')
})

test('a module that defines the element can be rendered on a server', async () => {
  const { defineUploadElement } = await import('../src/element/index.ts')
  expect('customElements' in globalThis).toBe(false)
  expect(() => defineUploadElement()).not.toThrow()
})

test('an invalid language is refused when it is set', () => {
  expect(() => relabeled(english, { language: 'pt_BR' })).toThrow(RangeError)
  expect(relabeled(english, { language: 'pt-BR' }).language).toBe('pt-BR')
})

const german = relabeled(english, { language: 'de', left: 'noch {time}' })

test.each([
  [english, 12_345_678, 1_000, '12.3 MB/s, 1 second left'],
  [english, 2_500_000_000, 59_001, '2.5 GB/s, 1 minute left'],
  [english, 999, 5_400_000, '999 byte/s, 1.5 hours left'],
  [english, 999, 500_040_000, '999 byte/s, 5.8 days left'],
  [english, 1_000, 0, '1 kB/s, 0 seconds left'],
  [english, 45_678, undefined, '46 kB/s'],
  [english, 0, undefined, ''],
  [english, 0.4, 1_000_000, ''],
  [german, 1_500_000, 150_000, '1,5 MB/s, noch 3 Minuten'],
])('speed and time left use the words of the labels: %#', (labels, rate, eta, text) => {
  const progress = { confirmed: 0, inFlight: 0, total: 1, rate, eta }
  expect(speedText(labels, progress).replaceAll('\u00a0', ' ')).toBe(text)
})
