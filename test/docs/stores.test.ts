/** The table of docs/stores.md is that of the suite: where this fails, it is to be put there as it is expected here. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { differencesTable } from '../contracts/s3-conformance.ts'

const text = readFileSync(resolve(import.meta.dirname, '../../docs/stores.md'), 'utf8')

test('docs/stores.md has what the conformance suite has found', () => {
  const [, written] = /<!-- differences -->\n([\s\S]*?)<!-- end -->/.exec(text) ?? []
  expect(written).toBe(differencesTable())
})
