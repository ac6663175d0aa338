import { expect, test } from 'vitest'

test('longhaul/element can be imported on a server, and defines nothing there', async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort()
  const { defineUploadElement } = await import('../src/element/index.ts')
  expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
  expect(defineUploadElement).toBeTypeOf('function')
})
