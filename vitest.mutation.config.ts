import { defineConfig } from 'vitest/config'

/** The tests that Stryker runs (`npm run mutation`), chosen by the script. They use fakes only. */
const { MUTATION_TESTS = '' } = process.env

export default defineConfig({
  test: {
    include: MUTATION_TESTS.split(',').filter((name) => name !== ''),
    environment: 'node',
    // A mutant may make a test wait for ever. Without mutants, the slowest test takes a third of a second.
    testTimeout: 3_000,
  },
})
