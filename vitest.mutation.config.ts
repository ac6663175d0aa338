import { defineConfig } from 'vitest/config'

/** What Stryker runs (`npm run mutation`): the tests that the script has chosen, pure, on fakes. */
const { MUTATION_TESTS = '' } = process.env

export default defineConfig({
  test: {
    include: MUTATION_TESTS.split(',').filter((name) => name !== ''),
    environment: 'node',
    // What a mutant keeps waiting waits for ever: on fakes and without a wait the slowest test takes a third of a second.
    testTimeout: 3_000,
  },
})
