import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/backends.md shows the sixth backend as it is compiled and run, in under 60 lines', () => {
  const example = read('docs/examples/parcels.ts')
  expect(read('docs/backends.md')).toContain(`\`\`\`ts\n${example}\`\`\``)
  expect(example.split('\n').length).toBeLessThan(60)
})
