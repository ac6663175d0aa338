import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('docs/backends.md shows the sixth backend exactly as it is compiled and run, in under 60 lines', () => {
  const example = read('docs/examples/parcels.ts')
  expect(read('docs/backends.md')).toContain(`\`\`\`ts\n${example}\`\`\``)
  expect(example.split('\n').length).toBeLessThan(60)
})

test('docs/frameworks.md shows the functions that are compiled and run, and each sample imports them', () => {
  expect(read('docs/frameworks.md')).toContain(`\`\`\`ts\n${read('docs/examples/follow.ts')}\`\`\``)
  expect(read('docs/frameworks.md').match(/from '.\/follow'/g)).toHaveLength(4)
})
