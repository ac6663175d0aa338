import { defineConfig } from 'vitest/config'

/** What Stryker runs (`npm run mutation`): the tests that the script has chosen, pure, on fakes. */
const { MUTATION_TESTS = '' } = process.env

export default defineConfig({
  test: { include: MUTATION_TESTS.split(',').filter((name) => name !== ''), environment: 'node' },
})
