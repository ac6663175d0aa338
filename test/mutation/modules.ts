/** What is mutated, and the tests that are to find it: few enough that a module takes minutes. */
export type Module = {
  /** Below `src/`. */
  readonly sources: readonly string[]
  /** Below `test/`. */
  readonly tests: readonly string[]
}

/** Of the whole engine: any of them may be the one that finds it. */
const engine = [
  'upload',
  'network',
  'integrity',
  'protocols',
  'stop',
  'tabs',
  'batch',
  'attacks',
  'lookalikes',
]

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

/**
 * The small ones have to be held by their own tests. What only a browser runs is not here: `tabs/lease.ts` and
 * `checkpoints/indexed-db.ts` (IndexedDB), `connectivity.ts`, `transport/xhr.ts`, React and the element.
 */
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
  identity: { sources: ['identity.ts', 'fingerprint.ts'], tests: named(['identity', 'lookalikes']) },
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
  server: {
    sources: ['backends/server.ts', 'backends/refresh.ts'],
    tests: [...backends, ...named(['backends/newton'])],
  },
  fragno: {
    sources: [
      'backends/fragno.ts',
      'backends/fragno-session.ts',
      'backends/fragno-request.ts',
      'backends/fragno-options.ts',
      'backends/fragno-file.ts',
    ],
    tests: named(['backends/fragno', 'files/fragno-files']),
  },
  bkend: {
    sources: ['backends/bkend.ts', 'backends/bkend-access.ts', 'backends/bkend-file.ts'],
    tests: named(['backends/bkend', 'files/bkend-files']),
  },
  newton: { sources: ['backends/newton.ts'], tests: named(['backends/newton', 'backends/every-backend']) },
  'active-storage': { sources: ['backends/active-storage.ts'], tests: named(['backends/active-storage']) },
  tabs: {
    sources: ['tabs/web-locks.ts', 'tabs/channel.ts', 'tabs/default-tabs.ts'],
    tests: named(['tabs/web-locks', 'tabs/channel', 'tabs/default-tabs']),
  },
  network: {
    sources: ['patience.ts', 'network-wait.ts'],
    tests: named(['patience', 'network', 'upload', 'stop']),
  },
  options: {
    sources: ['options.ts', 'limits.ts', 'intake.ts'],
    tests: named([
      'limits',
      'undefined-options',
      'uploader',
      'batch',
      'upload',
      'tabs',
      'lookalikes',
      'backends/newton',
    ]),
  },
  workers: {
    sources: ['hashing/worker-pool.ts', 'hashing/worker-hasher.ts'],
    tests: named(['hashing/worker-pool', 'hashing/worker-hasher']),
  },
  files: {
    sources: ['files/bkend-files.ts', 'files/fragno-files.ts', 'files/file-calls.ts'],
    tests: named(['files/bkend-files', 'files/fragno-files']),
  },
  errors: {
    sources: ['errors.ts', 'warnings.ts'],
    tests: named(['errors']),
  },
  remote: {
    sources: ['remote/wire.ts', 'remote/link.ts'],
    tests: named(['remote/link', 'remote/wire', 'remote/remote']),
  },
  uploader: { sources: ['uploader.ts'], tests: named(['uploader', 'diagnose', ...engine]) },
  upload: { sources: ['upload.ts'], tests: named([...engine, 'interleavings']) },
}
