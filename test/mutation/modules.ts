/** What is mutated, and the tests that are to find it: few enough that a module takes minutes. */
export type Module = {
  /** Below `src/`. */
  readonly sources: readonly string[]
  /** Below `test/`. */
  readonly tests: readonly string[]
}

/** Of the whole engine: any of them may be the one that finds it. */
const engine = ['upload', 'network', 'integrity', 'protocols', 'stop', 'tabs', 'batch', 'attacks']

function named(names: readonly string[]): readonly string[] {
  return names.map((name) => `${name}.test.ts`)
}

/** The small ones have to be held by their own tests. */
export const modules: Readonly<Record<string, Module>> = {
  retry: { sources: ['retry.ts'], tests: named(['retry']) },
  layout: { sources: ['layout.ts'], tests: named(['layout']) },
  state: { sources: ['state.ts'], tests: named(['state']) },
  targets: { sources: ['targets.ts'], tests: named(['targets']) },
  progress: { sources: ['progress.ts'], tests: named(['progress']) },
  'crc-combine': { sources: ['crc-combine.ts'], tests: named(['crc-combine']) },
  completion: { sources: ['completion.ts', 'reconcile.ts'], tests: named(['completion', 'reconcile']) },
  journal: {
    sources: ['journal.ts', 'run-control.ts'],
    tests: named(['journal', 'upload', 'stop', 'attacks']),
  },
  line: { sources: ['line.ts', 'concurrency.ts'], tests: named(['line', 'concurrency']) },
  sender: { sources: ['sender.ts', 'readable.ts'], tests: named(['sender']) },
  run: { sources: ['run.ts'], tests: named(['run', ...engine]) },
}
