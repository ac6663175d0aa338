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

const backends = named([
  'backends/answer',
  'backends/endpoint',
  'backends/presigned',
  'backends/define-backend',
  'backends/every-backend',
])

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
  sender: { sources: ['sender.ts', 'readable.ts'], tests: named(['sender', 'readable']) },
  run: { sources: ['run.ts'], tests: named(['run', ...engine]) },
  'http-failure': { sources: ['http-failure.ts'], tests: named(['http-failure']) },
  watchdog: { sources: ['watchdog.ts'], tests: named(['watchdog']) },
  digests: {
    sources: ['proofs.ts', 'part-digests.ts', 'part-reads.ts', 'etags.ts'],
    tests: named(['part-digests', 'part-reads', 'proofs', 'etags', 'integrity']),
  },
  verification: { sources: ['verification.ts'], tests: named(['verification']) },
  record: { sources: ['record.ts', 'outcome.ts'], tests: named(['record', 'outcome']) },
  identity: { sources: ['identity.ts'], tests: named(['identity']) },
  admission: { sources: ['admission.ts'], tests: named(['admission']) },
  turns: { sources: ['turns.ts'], tests: named(['turns']) },
  pulse: { sources: ['pulse.ts'], tests: named(['pulse']) },
  totals: { sources: ['totals.ts', 'tracker.ts'], tests: named(['totals', 'tracker']) },
  informer: { sources: ['informer.ts'], tests: named(['informer']) },
  ownership: { sources: ['ownership.ts'], tests: named(['ownership', 'tabs']) },
  batch: { sources: ['batch.ts'], tests: named(['batch', 'stop']) },
  answer: { sources: ['backends/answer.ts', 'backends/endpoint.ts'], tests: backends },
  presigned: {
    sources: ['backends/presigned.ts', 'backends/presigned-target.ts', 'backends/signed-url.ts'],
    tests: backends,
  },
  'define-backend': { sources: ['backends/define-backend.ts'], tests: backends },
  remote: {
    sources: ['remote/wire.ts', 'remote/link.ts'],
    tests: named(['remote/link', 'remote/wire', 'remote/remote']),
  },
  uploader: { sources: ['uploader.ts'], tests: named(['uploader', 'diagnose', ...engine]) },
  upload: { sources: ['upload.ts'], tests: named([...engine, 'interleavings']) },
}
