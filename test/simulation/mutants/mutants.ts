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
    bug: 'a receipt is stored when the last byte has left, before the answer is in',
    breaks: 'a receipt is of what the storage has acknowledged',
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
    bug: 'receipts are remembered by the page and not written to the storage',
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
    bug: 'the checkpoint is written while the first parts leave already',
    breaks: 'the checkpoint is stored before the first byte leaves',
    edits: [
      { file: 'run.ts', find: `await journal.save(checkpoint)`, replace: `void journal.save(checkpoint)` },
    ],
  },
  {
    name: 'url-stored',
    bug: 'a receipt carries the URL that its part was sent to',
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
    bug: 'a storage that is full fails the upload',
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
    bug: 'a storage that never answers is waited for without a limit',
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
    breaks: 'a part counts only where number and size fit the layout',
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
    bug: 'the part size is computed again when an upload goes on',
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
    bug: 'a session that was found is not used, and a new one is opened',
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
    bug: 'the content of what is stored is not compared with the file that was picked again',
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
    bug: 'a file that was picked again counts as the one from before',
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
    bug: 'the receipts of a session that was given up count for the new one',
    breaks: 'what counts is of this session',
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
    bug: 'receipts count although there is no proof of their content',
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
    bug: 'a session whose parts do not count is gone on with',
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
    bug: "the server's list is asked for and not used",
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
    bug: 'the server is not asked what it has after a failure',
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
    bug: 'the list is asked for although no part is missing',
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
    bug: 'a record of what clients have told counts as what the storage has',
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
    bug: 'a part counts that the server lists under another ETag',
    breaks: 'what was overwritten is sent again',
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
    bug: 'an upload whose session the server has lost fails',
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
    bug: 'a part that failed for good is left out, and the rest completed',
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
    bug: 'a run sends every part, whatever is stored',
    breaks: 'a run sends what is missing',
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
    bug: 'parts are completed in the order in which they have arrived',
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
    bug: 'a URL is used for as long as there is one',
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
    bug: 'an expired URL whose refusal CORS hides is used again',
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
    breaks: 'Retry-After is waited for',
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
    bug: 'a request is made again without end',
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
    bug: "a proxy's 404 that uses up what other failures have left of the retries counts as a lost session",
    breaks: 'what has been completed is not begun again',
    edits: [{ file: 'retry.ts', find: `throw unbelieved(error)`, replace: `throw error` }],
  },
  {
    name: 'given-up-at-once',
    bug: 'a request that has failed is not made again',
    breaks: 'what may be tried again is',
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
    bug: 'parts go on being sent after one was refused for good',
    breaks: 'when one part fails for good no new request is made',
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
    bug: 'a failure to sign ahead is caught by nobody',
    breaks: 'no rejection is left to nobody',
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
    bug: 'a session with no part stored keeps the digest of what its file was',
    breaks: 'the digest that is told is that of the object',
    edits: [{ file: 'run.ts', find: `own === checkpoint.digest && isShown`, replace: `isShown` }],
  },
  {
    name: 'lost-checksum',
    bug: 'the checksum of a part is not computed again where a crash has lost it',
    breaks: 'the whole checksum is that of the file, whatever has happened on the way',
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
    bug: 'a pause or a cancel lets the parts that are on their way arrive',
    breaks: 'a pause and a cancel cut what is under way',
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
    bug: 'a cancel that the server could not be told of is forgotten',
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
    breaks: 'no visit goes on with a session that it also throws away',
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
    bug: 'a cancel is written down only when the server has not answered',
    breaks: 'what a page aborts that dies then is not gone on with',
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
    breaks: 'what is done is not offered again',
    edits: [{ file: 'journal.ts', find: `if (this.#inMemory && !isEnd)`, replace: 'if (this.#inMemory)' }],
  },
  {
    name: 'ended-for-long',
    bug: 'how an upload went is kept for a tab that has died before it could read it',
    breaks: 'nothing is left behind',
    edits: [{ file: 'run.ts', find: `retry.clock.date() + news`, replace: 'ended.expiresAt' }],
  },
  {
    name: 'wait-not-repeated',
    bug: 'a tab whose waiting for another has failed does not ask again',
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
    bug: 'the remains of a cancel that a crash has cut are written over',
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
    bug: 'a tombstone is removed without a word to the server',
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
    bug: 'a cancel does not wait for the answer of a completing that is out',
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
    bug: 'the timer of the figures is left running at the end',
    breaks: 'after the end nothing is running',
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
    bug: 'the time limit of the storage is left running after its answer',
    breaks: 'after the end nothing is running',
    edits: [{ file: 'journal.ts', find: `.finally(rest)`, replace: '' }],
  },
  {
    name: 'informer-left',
    bug: 'the server is still informed when the run is over',
    breaks: 'after the end nothing is running',
    edits: [{ file: 'run.ts', find: `, informer.end()`, replace: '' }],
  },
  {
    name: 'proofs-left',
    bug: 'proofs are computed after the end of their run',
    breaks: 'after the end nothing is running',
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
    breaks: 'after the end nothing is running',
    edits: [{ file: 'upload.ts', find: `    this.#equipment?.ownership.release()\n`, replace: '' }],
  },
  {
    name: 'cancel-without-lock',
    bug: 'what was left is cancelled without taking its lock',
    breaks: 'what another tab holds is not changed behind its back',
    edits: [{ file: 'uploader.ts', find: `      await ownership.insist()\n`, replace: '' }],
  },
  {
    name: 'lock-not-waited-for',
    bug: 'a cancel that has asked another tab to let go does not wait for it',
    breaks: 'what another tab holds is not changed behind its back',
    edits: [{ file: 'ownership.ts', find: `    await this.#granted\n`, replace: '' }],
  },
  {
    name: 'no-takeover',
    bug: 'a tab that waits does not go on when the owner is gone',
    breaks: 'another tab takes over when the owner dies',
    edits: [{ file: 'ownership.ts', find: `    this.#options.onOwned?.()\n`, replace: '' }],
  },
  {
    name: 'takeover-without-a-look',
    bug: 'a tab that takes over does not look whether the owner has finished',
    breaks: 'what another tab has ended is not begun again',
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
    bug: 'a tab that takes over believes that what the owner has finished is what it has itself',
    breaks: 'a file that only looks the same is another one',
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
    bug: 'a file that only looks the same is taken for the one that is under way',
    breaks: 'a file that only looks the same is another one',
    edits: [{ file: 'uploader.ts', find: `    requireItsOwn(known, file)\n`, replace: '' }],
  },
]

const telling: readonly Mutant[] = [
  {
    name: 'in-flight-confirmed',
    bug: 'what is on its way is shown as confirmed',
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
    breaks: 'the figures are those of the parts',
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
    bug: 'an upload that is offline waits for the browser to say otherwise',
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
    bug: 'a request on which nothing moves is waited for',
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
    bug: 'every call that was refused refreshes the token',
    breaks: 'one refresh for all calls that wait',
    edits: [
      { file: 'backends/refresh.ts', find: `this.#running ??= Promise`, replace: `this.#running = Promise` },
    ],
  },
  {
    name: 'doubt-forgotten',
    bug: 'a session that is not known after an unanswered complete is taken for a lost one',
    breaks: 'completing is looked into before it is called failed or done',
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
    bug: 'an upload keeps its place when it is paused',
    breaks: 'what waits in line has its turn',
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
    breaks: 'what may be tried again is',
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
    bug: 'a server that speaks no JSON is asked as often as one that is away',
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
    bug: 'a page that a browser shows which is offline costs attempts',
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
    bug: 'a page in place of the answer to complete says that nothing was completed',
    breaks: 'completing is looked into before it is called failed or done',
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
    bug: 'a page in place of the answer to a cancel counts as told',
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
    breaks: 'what may be tried again is',
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
    breaks: 'a missing ETag is named for what it is',
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
    breaks: 'a missing ETag is named for what it is',
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
    bug: 'every upload waits anew for a storage that is known to be mute',
    breaks: 'a storage that does not answer costs its time once',
    edits: [{ file: 'journal.ts', find: `      mute.add(pulse)\n`, replace: '' }],
  },
  {
    name: 'cancels-at-once',
    bug: 'the server is told of all cancels at once',
    breaks: 'cancels of very many do not exhaust the browser',
    edits: [{ file: 'uploader.ts', find: `aborts: new Lane(50)`, replace: `aborts: new Lane(50_000)` }],
  },
  {
    name: 'cancel-keeps-its-place',
    bug: 'a cancel that the server has been told of keeps its place among fifty',
    breaks: 'what waits in line has its turn',
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
    bug: 'very many that wait are thrown away in one go',
    breaks: 'a cancel of all does not freeze the page',
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
