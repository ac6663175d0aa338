/** Bugs to plant, one at a time: in each, one thing that a duty asks for was forgotten. */

export type Edit = {
  /** Below `src/`. */
  readonly file: string
  /** Is there exactly once. */
  readonly find: string
  readonly replace: string
}

export type Mutant = {
  /** For `--only`. */
  readonly name: string
  /** In words. */
  readonly bug: string
  /** The promise that it breaks. */
  readonly breaks: string
  readonly edits: readonly Edit[]
}

const storing: readonly Mutant[] = [
  {
    name: 'receipt-before-the-answer',
    bug: 'a receipt is stored when the last byte has left, before the answer has arrived',
    breaks: 'a receipt exists only for what the storage has acknowledged',
    edits: [
      {
        file: 'run.ts',
        find: `if (sent === 0) digests.begin(part)`,
        replace: `if (sent === 0) digests.begin(part)
        if (sent === part.size) void this.#job.journal.add({ number: part.number, size: part.size, etag: '""' })`,
      },
    ],
  },
  {
    name: 'receipts-not-stored',
    bug: 'the page remembers receipts but does not write them to the storage',
    breaks: 'a receipt is stored the moment it exists',
    edits: [
      {
        file: 'journal.ts',
        find: `    await this.#written((store) => store.addReceipt(this.key, receipt))\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'first-byte-before-checkpoint',
    bug: 'the checkpoint is still being written while the first parts leave',
    breaks: 'the checkpoint is stored before the first byte leaves',
    edits: [
      { file: 'run.ts', find: `await journal.save(checkpoint)`, replace: `void journal.save(checkpoint)` },
    ],
  },
  {
    name: 'url-stored',
    bug: 'a receipt contains the URL that its part was sent to',
    breaks: 'no presigned URL is ever stored',
    edits: [
      {
        file: 'sender.ts',
        find: `const receipt = this.#receipt(part, target, response)`,
        replace: `const receipt = { ...this.#receipt(part, target, response), ...target }`,
      },
    ],
  },
  {
    name: 'storage-trouble-is-fatal',
    bug: 'a full storage fails the upload',
    breaks: 'storage trouble never fails an upload',
    edits: [
      {
        file: 'journal.ts',
        find: `      this.#inMemory = true
      return undefined`,
        replace: `      this.#inMemory = true
      throw cause`,
      },
    ],
  },
  {
    name: 'storage-waited-for-forever',
    bug: 'the upload waits without a limit for a storage that never answers',
    breaks: 'storage trouble never fails an upload',
    edits: [
      {
        file: 'journal.ts',
        find: `await inTime(operation(this.#options.store), this.#options.pulse)`,
        replace: `await operation(this.#options.store)`,
      },
    ],
  },
]

const resuming: readonly Mutant[] = [
  {
    name: 'size-not-compared',
    bug: 'a part counts by its number, whatever its size',
    breaks: 'a part counts only if its number and size fit the layout',
    edits: [
      {
        file: 'layout.ts',
        find: `return find(layout, number)?.size === size`,
        replace: `return find(layout, number) !== undefined && size >= 0`,
      },
    ],
  },
  {
    name: 'layout-recomputed',
    bug: 'the part size is computed again when an upload is resumed',
    breaks: 'the part size is never computed again on resume',
    edits: [
      {
        file: 'run.ts',
        find: `const found = stored?.checkpoint.stage === 'opened' ? stored.checkpoint : undefined`,
        replace: `const found =
      stored?.checkpoint.stage === 'opened'
        ? { ...stored.checkpoint, layout: planLayout(this.#job.identity.size, this.#tools.backend.limits, this.#tools.partSize) }
        : undefined`,
      },
    ],
  },
  {
    name: 'always-begun-anew',
    bug: 'a stored session is not used, and a new one is opened',
    breaks: 'an upload goes on where it stopped',
    edits: [
      {
        file: 'run.ts',
        find: `const found = stored?.checkpoint.stage === 'opened' ? stored.checkpoint : undefined`,
        replace: `const found: OpenedCheckpoint | undefined = undefined`,
      },
    ],
  },
  {
    name: 'content-not-compared',
    bug: 'stored parts are not compared with the file that was picked again',
    breaks: 'changed content is refused',
    edits: [
      {
        file: 'run.ts',
        find: `if (!this.#job.isKnown) await verifyParts(receipts, this.#verification(layout))`,
        replace: '',
      },
    ],
  },
  {
    name: 'every-file-known',
    bug: 'a file that was picked again counts as the earlier one',
    breaks: 'changed content is refused',
    edits: [
      {
        file: 'upload.ts',
        find: `isKnown: file === this.#known`,
        replace: `isKnown: this.#known !== undefined`,
      },
    ],
  },
  {
    name: 'older-receipts-count',
    bug: 'the receipts of a session that was given up count for the new session',
    breaks: 'only the receipts of the current session count',
    edits: [
      {
        file: 'run.ts',
        find: `const { checkpoint, receipts } = begun
    this.#on.opened`,
        replace: `const { checkpoint } = begun
    const receipts = left?.receipts ?? stored?.receipts ?? []
    this.#on.opened`,
      },
    ],
  },
  {
    name: 'unproven-counts',
    bug: 'receipts count although nothing proves their content',
    breaks: 'parts of two files never meet in one session',
    edits: [
      {
        file: 'verification.ts',
        find: `return (await firstChanged(guessed, options)) === undefined ? guessed : []`,
        replace: `return (await firstChanged(guessed, options)) === undefined ? guessed : receipts`,
      },
    ],
  },
  {
    name: 'unproven-session-kept',
    bug: 'an upload goes on with a session whose parts do not count',
    breaks: 'parts of two files never meet in one session',
    edits: [
      {
        file: 'run.ts',
        find: `if (own === checkpoint.digest && isShown) {`,
        replace: `{`,
      },
    ],
  },
  {
    name: 'list-not-used',
    bug: "the upload asks for the server's list and does not use it",
    breaks: "the server's list is reconciled",
    edits: [
      {
        file: 'run.ts',
        find: `[...reconcile(layout, kept, reopened).values()]`,
        replace: `[...reconcile(layout, kept, undefined).values()]`,
      },
    ],
  },
  {
    name: 'list-not-asked-for',
    bug: 'after a failure the upload does not ask the server what it has',
    breaks: "the server's list is reconciled",
    edits: [
      {
        file: 'upload.ts',
        find: `    this.#isDoubtful ||= error instanceof HttpError && !error.retryable\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'list-of-the-completed',
    bug: 'the upload asks for the list although no part is missing',
    breaks: 'a completed upload is not sent again',
    edits: [
      {
        file: 'run.ts',
        find: `return !isComplete || (this.#job.isDoubtful && !this.#isUnsure)`,
        replace: `return isComplete || !isComplete`,
      },
    ],
  },
  {
    name: 'record-rules',
    bug: "a record of what clients have reported counts as the storage's own list",
    breaks: 'an acknowledged part that only the record lacks is not sent again',
    edits: [
      {
        file: 'reconcile.ts',
        find: `return reopened.source === 'storage' ? confirmed(ours, listed) : together(ours, listed)`,
        replace: `return reopened.source === 'storage' ? together(ours, listed) && confirmed(ours, listed) : confirmed(ours, listed)`,
      },
    ],
  },
  {
    name: 'other-etag-counts',
    bug: 'a part counts although the server lists it under another ETag',
    breaks: 'a part that was overwritten is sent again',
    edits: [
      {
        file: 'reconcile.ts',
        find: `    .filter(([{ etag }, receipt]) => receipt === undefined || isSame(etag, receipt.etag))\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'lost-session-not-replaced',
    bug: 'an upload fails if the server has lost its session',
    breaks: 'a lost session is replaced without asking',
    edits: [
      {
        file: 'run.ts',
        find: `if (!(error instanceof SessionLostError)) throw error`,
        replace: `throw error`,
      },
    ],
  },
]

const sending: readonly Mutant[] = [
  {
    name: 'gap',
    bug: 'a part that failed for good is left out, and the rest is completed',
    breaks: 'complete names every part',
    edits: [
      {
        file: 'sender.ts',
        find: `.catch((error: unknown) => this.#givenUp.abort(error))`,
        replace: `.catch(() => {})`,
      },
      {
        file: 'sender.ts',
        find: `if (!mayRetry(error) && !isExpiry(error)) this.#givenUp.abort(error)`,
        replace: '',
      },
      { file: 'run.ts', find: `    requireReceipts(layout, ascending)\n`, replace: '' },
    ],
  },
  {
    name: 'stored-sent-again',
    bug: 'a run sends every part, even stored ones',
    breaks: 'a run sends only the missing parts',
    edits: [
      {
        file: 'layout.ts',
        find: `return receipt === undefined || !fits(layout, receipt)`,
        replace: `return true`,
      },
    ],
  },
  {
    name: 'unsorted',
    bug: 'complete names the parts in the order in which they arrived',
    breaks: 'complete names the parts in order',
    edits: [
      {
        file: 'run.ts',
        find: `      .sort((a, b) => a.number - b.number)\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'expired-url-used',
    bug: 'a URL is used for as long as it exists',
    breaks: 'URLs are dropped before they expire',
    edits: [
      {
        file: 'targets.ts',
        find: `return this.#options.clock.now() - signedAt < usableFor ? target : undefined`,
        replace: `return usableFor > 0 ? target : undefined`,
      },
    ],
  },
  {
    name: 'refused-url-kept',
    bug: 'a URL that was refused as expired is used again',
    breaks: 'a refused URL is signed again',
    edits: [
      {
        file: 'sender.ts',
        find: `if (isExpiry(error) || error instanceof NetworkError) this.#sending.targets.drop(part.number)`,
        replace: `if (error instanceof NetworkError) this.#sending.targets.drop(part.number)`,
      },
    ],
  },
  {
    name: 'hidden-expiry-ignored',
    bug: 'an expired URL is used again if CORS hides its refusal',
    breaks: 'an opaque failure may be an expired URL',
    edits: [
      {
        file: 'sender.ts',
        find: `if (isExpiry(error) || error instanceof NetworkError) this.#sending.targets.drop(part.number)`,
        replace: `if (isExpiry(error)) this.#sending.targets.drop(part.number)`,
      },
    ],
  },
  {
    name: 'retry-after-ignored',
    bug: 'Retry-After is not read',
    breaks: 'Retry-After is obeyed',
    edits: [
      {
        file: 'retry.ts',
        find: `return retryAfter + policy.random() * Math.min(maxDelay, ceiling)`,
        replace: `return policy.random() * Math.min(maxDelay, ceiling)`,
      },
    ],
  },
  {
    name: 'never-given-up',
    bug: 'a request is retried without end',
    breaks: 'retries have a budget',
    edits: [
      {
        file: 'retry.ts',
        find: `if (!hasRetry || weight >= options.attempts) throw unbelieved(error)`,
        replace: `if (!hasRetry) throw error`,
      },
    ],
  },
  {
    name: 'lost-for-want-of-retries',
    bug: "if other failures have used up the retries, a proxy's 404 counts as a lost session",
    breaks: 'a completed upload does not start over',
    edits: [{ file: 'retry.ts', find: `throw unbelieved(error)`, replace: `throw error` }],
  },
  {
    name: 'given-up-at-once',
    bug: 'a failed request is not retried',
    breaks: 'a request that may be retried is retried',
    edits: [
      {
        file: 'retry.ts',
        find: `if (!hasRetry || weight >= options.attempts) throw unbelieved(error)`,
        replace: `if (this.#failures > 0) throw error`,
      },
    ],
  },
  {
    name: 'width-ignored',
    bug: 'parts do not wait for their turn in the queue',
    breaks: 'no more parts are on their way than the queue allows',
    edits: [
      {
        file: 'line.ts',
        find: `return this.#turns.run(stop, operation, rank)`,
        replace: `return operation()`,
      },
    ],
  },
  {
    name: 'failure-stops-nobody',
    bug: 'parts are still sent after one was refused for good',
    breaks: 'when one part fails for good, no new request is made',
    edits: [
      {
        file: 'sender.ts',
        find: `      if (!mayRetry(error) && !isExpiry(error)) this.#givenUp.abort(error)\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'last-parts-not-waited-for',
    bug: 'a run ends while its last parts are under way',
    breaks: 'nothing that a run starts outlives it',
    edits: [{ file: 'sender.ts', find: `    await Promise.all([...this.#open])\n`, replace: '' }],
  },
  {
    name: 'signing-ahead-unhandled',
    bug: 'nothing catches a failure to sign ahead',
    breaks: 'no rejection goes unhandled',
    edits: [
      {
        file: 'targets.ts',
        find: `this.#signFrom(next).catch(() => {})`,
        replace: `void this.#signFrom(next)`,
      },
    ],
  },
]

const digesting: readonly Mutant[] = [
  {
    name: 'old-digest-kept',
    bug: 'a session without stored parts keeps the digest of the earlier file content',
    breaks: 'the reported digest is that of the object',
    edits: [{ file: 'run.ts', find: `own === checkpoint.digest && isShown`, replace: `isShown` }],
  },
  {
    name: 'lost-checksum',
    bug: "a part's checksum is not computed again after a crash has lost it",
    breaks: 'the whole checksum is that of the file, whatever happened on the way',
    edits: [
      {
        file: 'run.ts',
        find: `      await digests.again(lacking(this.#whole(session), receipts.values()))\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'undressed',
    bug: 'a part is sent without the header that its target asks for',
    breaks: 'a part carries the digest that its target asks for',
    edits: [
      {
        file: 'sender.ts',
        find: `const dressed = await digests.dress(part, target)`,
        replace: `const dressed = target`,
      },
    ],
  },
]

const ending: readonly Mutant[] = [
  {
    name: 'nothing-cut',
    bug: 'a pause or a cancel lets parts under way arrive',
    breaks: 'a pause and a cancel cut requests under way',
    edits: [{ file: 'run-control.ts', find: `    this.#kill.abort()\n`, replace: '' }],
  },
  {
    name: 'checkpoint-left',
    bug: 'a cancel leaves the checkpoint',
    breaks: 'a cancel ends the upload for good',
    edits: [
      {
        file: 'run.ts',
        find: `  await end(checkpoint && { result: 'cancelled', ...checkpoint, stage: 'ended', createdAt })\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'no-tombstone',
    bug: 'a cancel is forgotten if the server could not be told',
    breaks: 'an abort that could not be sent is sent later',
    edits: [
      {
        file: 'run.ts',
        find: `    if (isKept || (await journal.save(aborting))) await journal.leaveTombstone(aborting)
`,
        replace: '',
      },
    ],
  },
  {
    name: 'cancel-in-two-steps',
    bug: 'a cancel writes its tombstone beside the checkpoint, so that a crash leaves both',
    breaks: 'no visit resumes a session that it also throws away',
    edits: [
      {
        file: 'run.ts',
        find: `!journal.isInMemory && (await journal.save(aborting).catch(() => false))`,
        replace: 'true',
      },
    ],
  },
  {
    name: 'cancel-not-kept',
    bug: 'a cancel is written down only if the server has not answered',
    breaks: 'an upload whose page dies while it aborts is not resumed',
    edits: [
      {
        file: 'run.ts',
        find: `!journal.isInMemory && (await journal.save(aborting).catch(() => false))`,
        replace: 'false',
      },
    ],
  },
  {
    name: 'end-not-told',
    bug: 'a storage that has failed once is not told that the upload has ended',
    breaks: 'a finished upload is not offered again',
    edits: [{ file: 'journal.ts', find: `if (this.#inMemory && !isEnd)`, replace: 'if (this.#inMemory)' }],
  },
  {
    name: 'ended-for-long',
    bug: 'the outcome of an upload is kept for a tab that died before it could read it',
    breaks: 'nothing is left behind',
    edits: [{ file: 'run.ts', find: `retry.clock.date() + news`, replace: 'ended.expiresAt' }],
  },
  {
    name: 'wait-not-repeated',
    bug: 'a tab does not ask again after its wait for another tab has failed',
    breaks: 'once faults stop, every upload ends',
    edits: [
      {
        file: 'ownership.ts',
        find: `        await clock.sleep(pause, call)`,
        replace: `        await clock.sleep(pause * 1_000_000, call)`,
      },
    ],
  },
  {
    name: 'half-a-cancel-overwritten',
    bug: 'the remains of a cancel that a crash interrupted are overwritten',
    breaks: 'an abort that could not be sent is sent later',
    edits: [
      {
        file: 'run.ts',
        find: `    if (stored?.checkpoint.stage === 'aborting') await journal.leaveTombstone(stored.checkpoint)\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'buried-alive',
    bug: 'a tombstone is removed without telling the server',
    breaks: 'an abort that could not be sent is sent later',
    edits: [
      {
        file: 'run.ts',
        find: `    await abort(checkpoint.session, journal, tools)\n  }\n`,
        replace: '  }\n',
      },
    ],
  },
  {
    name: 'cancel-while-completing',
    bug: 'a cancel does not wait for the answer to a complete that is under way',
    breaks: 'complete and cancel exclude each other',
    edits: [
      {
        file: 'upload.ts',
        find: `if (this.#state.status === 'completing') {`,
        replace: `if (this.#state.status === 'completing' && gently) {`,
      },
    ],
  },
  {
    name: 'tick-left',
    bug: 'the timer of the figures still runs at the end',
    breaks: 'nothing runs after the end',
    edits: [
      {
        file: 'pulse.ts',
        find: `    callOff(this.#next)\n    this.#next = undefined\n`,
        replace: `    this.#next = undefined\n`,
      },
    ],
  },
  {
    name: 'storage-timer-left',
    bug: "the storage's time limit still runs after its answer",
    breaks: 'nothing runs after the end',
    edits: [{ file: 'journal.ts', find: `.finally(rest)`, replace: '' }],
  },
  {
    name: 'informer-left',
    bug: 'the server still gets reports when the run is over',
    breaks: 'nothing runs after the end',
    edits: [{ file: 'run.ts', find: `, informer.end()`, replace: '' }],
  },
  {
    name: 'proofs-left',
    bug: 'proofs are still computed after the end of their run',
    breaks: 'nothing runs after the end',
    edits: [{ file: 'run.ts', find: `digests.end(), `, replace: '' }],
  },
]

const sharing: readonly Mutant[] = [
  {
    name: 'lock-not-taken',
    bug: 'no lock is taken',
    breaks: 'one owner per upload across tabs',
    edits: [
      {
        file: 'ownership.ts',
        find: `return tabs.claim(key).catch(() => ({ release: () => {} }))`,
        replace: `return { release: () => {} }`,
      },
    ],
  },
  {
    name: 'lock-not-released',
    bug: 'the lock is held after the end',
    breaks: 'nothing runs after the end',
    edits: [{ file: 'upload.ts', find: `    this.#equipment?.ownership.release()\n`, replace: '' }],
  },
  {
    name: 'cancel-without-lock',
    bug: 'an upload left by an earlier visit is cancelled without taking its lock',
    breaks: 'an upload that another tab holds is not changed behind its back',
    edits: [{ file: 'uploader.ts', find: `      await ownership.insist()\n`, replace: '' }],
  },
  {
    name: 'lock-not-waited-for',
    bug: 'a cancel asks another tab to let go and does not wait for it',
    breaks: 'an upload that another tab holds is not changed behind its back',
    edits: [{ file: 'ownership.ts', find: `    await this.#granted\n`, replace: '' }],
  },
  {
    name: 'no-takeover',
    bug: 'a waiting tab does not go on when the owner is gone',
    breaks: 'another tab takes over when the owner dies',
    edits: [{ file: 'ownership.ts', find: `    this.#options.onOwned?.()\n`, replace: '' }],
  },
  {
    name: 'takeover-without-a-look',
    bug: 'a tab that takes over does not check whether the owner has finished',
    breaks: 'an upload that another tab has ended does not start over',
    edits: [
      {
        file: 'upload.ts',
        find: `      else if (this.#gear.ownership.takeWaited()) await this.#takeOver()\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'takeover-of-another-file',
    bug: 'a tab that takes over believes that the owner finished the same file',
    breaks: 'a file that only looks the same is another file',
    edits: [
      {
        file: 'run.ts',
        find: `if (print !== undefined && print !== left.fingerprint) return undefined`,
        replace: '',
      },
    ],
  },
  {
    name: 'lookalike-let-in',
    bug: 'a file that only looks the same counts as the one under way',
    breaks: 'a file that only looks the same is another file',
    edits: [{ file: 'uploader.ts', find: `    requireItsOwn(known, file)\n`, replace: '' }],
  },
]

const telling: readonly Mutant[] = [
  {
    name: 'in-flight-confirmed',
    bug: 'bytes on their way are shown as confirmed',
    breaks: 'confirmed never falls',
    edits: [
      {
        file: 'progress.ts',
        find: `{ confirmed: this.#confirmed, inFlight: this.#inFlightBytes, total: this.#total }`,
        replace: `{ confirmed: this.#confirmed + this.#inFlightBytes, inFlight: 0, total: this.#total }`,
      },
    ],
  },
  {
    name: 'cut-parts-in-flight',
    bug: 'a part that was cut is still shown as on its way',
    breaks: 'the figures match the parts',
    edits: [{ file: 'tracker.ts', find: `    this.#ledger.dropped(part.number)\n`, replace: '' }],
  },
]

const networking: readonly Mutant[] = [
  {
    name: 'budget-ignored',
    bug: 'an upload retries as long as each of its requests may, whatever the server does',
    breaks: 'a dead server gets a bounded number of requests',
    edits: [{ file: 'retry.ts', find: `    if (this.#left < 1) return false\n`, replace: '' }],
  },
  {
    name: 'offline-believed',
    bug: 'an offline upload waits until the browser says otherwise',
    breaks: 'a browser that is wrong about being offline never blocks an upload',
    edits: [
      {
        file: 'network-wait.ts',
        find: `Promise.race([changed.catch(() => probing), probing])`,
        replace: `Promise.race([changed])`,
      },
    ],
  },
  {
    name: 'stall-not-cut',
    bug: 'a request on which nothing moves is not cut',
    breaks: 'a stalled request is cut',
    edits: [
      {
        file: 'watchdog.ts',
        find: `for (const watch of stalled) watch.cut()`,
        replace: '',
      },
    ],
  },
  {
    name: 'refresh-for-each',
    bug: 'every refused call refreshes the token',
    breaks: 'one refresh for all waiting calls',
    edits: [
      { file: 'backends/refresh.ts', find: `this.#running ??= Promise`, replace: `this.#running = Promise` },
    ],
  },
  {
    name: 'doubt-forgotten',
    bug: 'a session that is unknown after an unanswered complete counts as lost',
    breaks: 'an unanswered complete is looked into before it counts as failed or done',
    edits: [
      {
        file: 'run.ts',
        find: `    if (!this.#isUnsure && this.#tools.backend.status === undefined) return undefined\n`,
        replace: `    return undefined\n`,
      },
    ],
  },
  {
    name: 'place-kept',
    bug: 'a paused upload keeps its place',
    breaks: 'whatever waits in line gets its turn',
    edits: [
      {
        file: 'upload.ts',
        find: `        this.#leave()
        this.#proceed()
        return undefined`,
        replace: `        this.#proceed()
        return undefined`,
      },
    ],
  },
]

/** Something on the way that answers in the place of a server or of the storage. */
const portals: readonly Mutant[] = [
  {
    name: 'page-fails',
    bug: "a page in place of the server's answer fails the upload at once",
    breaks: 'a request that may be retried is retried',
    edits: [
      {
        file: 'retry.ts',
        find: `: retryable && code !== 'url-expired'`,
        replace: `: retryable && code !== 'url-expired' && code !== 'backend'`,
      },
    ],
  },
  {
    name: 'page-asked-for-long',
    bug: 'a server that does not speak JSON is asked as often as one that is away',
    breaks: 'an application that answers every path with its page is named within seconds',
    edits: [
      {
        file: 'retry.ts',
        find: `if (error.code === 'session-lost' || error.code === 'backend') {`,
        replace: `if (error.code === 'session-lost') {`,
      },
    ],
  },
  {
    name: 'page-while-offline',
    bug: 'a page that arrives while the browser is offline costs attempts',
    breaks: 'waiting for the network costs no attempt',
    edits: [
      {
        file: 'retry.ts',
        find: `(error instanceof NetworkError || error.code === 'backend') &&`,
        replace: `error instanceof NetworkError &&`,
      },
    ],
  },
  {
    name: 'page-leaves-no-doubt',
    bug: 'a page in place of the answer to complete means that nothing was completed',
    breaks: 'an unanswered complete is looked into before it counts as failed or done',
    edits: [
      {
        file: 'completion.ts',
        find: `(error.code === 'backend' || (error instanceof HttpError && error.code === 'http'))`,
        replace: `error instanceof HttpError && error.code === 'http'`,
      },
    ],
  },
  {
    name: 'page-throws-away',
    bug: 'a page in place of the answer to a cancel counts as the answer',
    breaks: 'an abort that could not be sent is sent later',
    edits: [
      {
        file: 'run.ts',
        find: `if (!(thrown instanceof SessionLostError)) throw thrown`,
        replace: `if (!(thrown instanceof SessionLostError || thrown instanceof BackendError)) throw thrown`,
      },
    ],
  },
  {
    name: 'etag-lacks-for-good',
    bug: 'an answer without an ETag fails an upload whose other parts have had one',
    breaks: 'a request that may be retried is retried',
    edits: [
      {
        file: 'sender.ts',
        find: `if (etag !== '') this.#hasEtag = true`,
        replace: `if (etag !== '') this.#hasEtag = false`,
      },
    ],
  },
  {
    name: 'error-in-a-200',
    bug: 'an error inside a 200 to a part is taken for an ETag that CORS hides',
    breaks: 'a missing ETag is reported with its real cause',
    edits: [
      {
        file: 'sender.ts',
        find: `isOk ? errorInside(refused[0], response.body) : httpFailure(...refused)`,
        replace: `isOk ? undefined : httpFailure(...refused)`,
      },
    ],
  },
  {
    name: 'page-hides-etag',
    bug: 'a page in place of the answer to a part is taken for an ETag that CORS hides',
    breaks: 'a missing ETag is reported with its real cause',
    edits: [
      { file: 'sender.ts', find: `if (isForeign(response))`, replace: `if (isForeign(response) && false)` },
    ],
  },
]

/** A storage that comes back, and very many files. */
const enduring: readonly Mutant[] = [
  {
    name: 'mute-for-good',
    bug: 'a storage that was mute once is given up within a second from then on',
    breaks: 'a storage that answers is used',
    edits: [{ file: 'journal.ts', find: `      .finally(() => mute.delete(pulse))\n`, replace: '' }],
  },
  {
    name: 'mute-for-each',
    bug: 'every upload waits again for a storage that is known to be mute',
    breaks: 'a storage that does not answer is waited for only once',
    edits: [{ file: 'journal.ts', find: `      mute.add(pulse)\n`, replace: '' }],
  },
  {
    name: 'cancels-at-once',
    bug: 'the server is told of all cancels at once',
    breaks: 'cancelling very many uploads does not exhaust the browser',
    edits: [{ file: 'uploader.ts', find: `aborts: new Lane(50)`, replace: `aborts: new Lane(50_000)` }],
  },
  {
    name: 'cancel-keeps-its-place',
    bug: 'a cancel keeps its place among fifty after the server was told',
    breaks: 'whatever waits in line gets its turn',
    edits: [
      {
        file: 'admission.ts',
        find: `return work().finally(leave)`,
        replace: `return work().catch((error) => {\n      leave()\n      throw error\n    })`,
      },
    ],
  },
  {
    name: 'no-breath',
    bug: 'very many waiting uploads are thrown away in one go',
    breaks: 'cancelling all uploads does not freeze the page',
    edits: [
      {
        file: 'admission.ts',
        find: `    if (this.#leavers % atOnce === 0) this.#breath = this.#breath.then(breath)\n`,
        replace: '',
      },
    ],
  },
]

export const mutants: readonly Mutant[] = [
  ...storing,
  ...resuming,
  ...sending,
  ...digesting,
  ...ending,
  ...sharing,
  ...telling,
  ...networking,
  ...portals,
  ...enduring,
]
