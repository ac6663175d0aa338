/** Bugs to plant into the adapters, for the histories of real ones (`simulate -- --adapters`). */
import type { Mutant } from './mutants.ts'

export const adapterMutants: readonly Mutant[] = [
  {
    name: 'fragno-conflict-is-done',
    bug: 'fragno takes a 409 to complete for a success, without looking',
    breaks: 'a conflict is looked into before it counts as done',
    edits: [
      {
        file: 'backends/fragno.ts',
        find: `    if (error.status < 500) throw error\n`,
        replace: `    if (error.status === 409) return this.#describe(session, call)\n    if (error.status < 500) throw error\n`,
      },
    ],
  },
  {
    name: 'fragno-dead-is-open',
    bug: 'fragno takes an aborted upload for an open one',
    breaks: 'a session that the server has lost is replaced with a new one',
    edits: [
      { file: 'backends/fragno-session.ts', find: `  aborted: 'gone',`, replace: `  aborted: 'open',` },
    ],
  },
  {
    name: 'fragno-abort-conflict',
    bug: 'fragno takes a refusal to abort a finished upload for a failure',
    breaks: 'an upload that is already gone counts as thrown away',
    edits: [{ file: 'backends/fragno.ts', find: `if (!isOver) throw error`, replace: `throw error` }],
  },
  {
    name: 'fragno-expired-is-open',
    bug: 'fragno believes a status that does not yet say that an upload has expired',
    breaks: 'a session that the server has lost is replaced with a new one',
    edits: [
      {
        file: 'backends/fragno.ts',
        find: `      if (code === 'UPLOAD_EXPIRED') this.#expired.add(uploadId)\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'page-is-the-servers',
    bug: "a page in place of the server's answer is taken for the server's own",
    breaks: 'a request that may be retried is retried',
    edits: [{ file: 'backends/server.ts', find: `, ...said, retryable: true })`, replace: `, ...said })` }],
  },
  {
    name: 'page-counts',
    bug: 'a page in place of an answer that nobody reads counts as that answer',
    breaks: 'an object reported as done exists, and the server is told what is thrown away',
    edits: [
      {
        file: 'backends/server.ts',
        find: `    if (typeof body === 'string' && isPage(body)) reply.json()\n`,
        replace: '',
      },
    ],
  },
  {
    name: 'newton-token-forgotten',
    bug: "newton forgets a part's ETag when it completes",
    breaks: 'complete names every part',
    edits: [
      {
        file: 'backends/newton.ts',
        find: `const parts = tokens(receipts.filter(({ isOnRecord }) => !isOnRecord))`,
        replace: `const parts = tokens(receipts.filter(({ isOnRecord }) => !isOnRecord).slice(1))`,
      },
    ],
  },
  {
    name: 'newton-all-on-record',
    bug: 'newton takes the parts that the server still wants for those that it has',
    breaks: 'only parts that the server says it has count',
    edits: [
      {
        file: 'backends/newton.ts',
        find: `.filter(([number]) => !pending.has(number))`,
        replace: `.filter(([number]) => pending.has(number))`,
      },
    ],
  },
  {
    name: 'newton-conflict-unseen',
    bug: 'newton does not look for the file when a repeated complete is refused',
    breaks: 'a lost answer to complete is looked into',
    edits: [
      {
        file: 'backends/newton.ts',
        find: `(await this.#find(session, call)) ?? conflict(`,
        replace: `conflict(`,
      },
    ],
  },
  {
    name: 'bkend-parts-are-texts',
    bug: 'bkend sends part numbers as strings',
    breaks: 'requests keep to the contract',
    edits: [
      {
        file: 'backends/bkend.ts',
        find: `({ partNumber: number, etag: inQuotes(etag) })`,
        replace: `({ partNumber: String(number), etag: inQuotes(etag) })`,
      },
    ],
  },
  {
    name: 'bkend-not-registered',
    bug: 'bkend registers no file if completing had to be repeated',
    breaks: 'a file is registered in the end',
    edits: [
      {
        file: 'backends/bkend.ts',
        find: `if (isLost && this.#completed.has(key)) return\n`,
        replace: `if (isLost && this.#completed.has(key)) return void this.#completed.set(key, true)\n`,
      },
      {
        file: 'backends/bkend.ts',
        find: `const details = await this.#register(session, call)`,
        replace: `const details = this.#completed.get(key) ? undefined : await this.#register(session, call)`,
      },
    ],
  },
  {
    name: 'bkend-lost-object-registered',
    bug: 'bkend takes an object that cannot be registered because it does not exist for a failure',
    breaks: 'a session that the server has lost is replaced with a new one',
    edits: [
      {
        file: 'backends/bkend.ts',
        find: `if (error.serviceCode !== 'file/not-found') throw error`,
        replace: `throw error`,
      },
    ],
  },
  {
    name: 'bkend-url-for-ever',
    bug: 'bkend goes on with the only URL of a single PUT after it has expired',
    breaks: 'an expired URL is not used',
    edits: [
      {
        file: 'backends/bkend.ts',
        find: `if (kept && left > 0)`,
        replace: `if (kept)`,
      },
      {
        file: 'backends/bkend.ts',
        find: `return isRefused && needsEtag === false`,
        replace: `return isRefused && needsEtag`,
      },
    ],
  },
  {
    name: 'bkend-abort-not-sent',
    bug: 'bkend does not tell the server of a cancel',
    breaks: 'no session is left open',
    edits: [
      {
        file: 'backends/bkend.ts',
        find: `if (session.uploadId !== null) await unlessLost(`,
        replace: `if (session.uploadId === null) await unlessLost(`,
      },
    ],
  },
  {
    name: 'presigned-opens-twice',
    bug: 'presigned opens two sessions, and the first is forgotten',
    breaks: 'no session is left open',
    edits: [
      {
        file: 'backends/presigned.ts',
        find: `    const answer = (await this.#server.call(this.#start`,
        replace: `    await this.#server.call(this.#start, { body }, call)\n    const answer = (await this.#server.call(this.#start`,
      },
    ],
  },
  {
    name: 'presigned-parts-reversed',
    bug: 'presigned names the parts in the wrong order',
    breaks: 'complete names every part, ascending',
    edits: [
      {
        file: 'backends/presigned.ts',
        find: `const parts = receipts.map(`,
        replace: `const parts = [...receipts].reverse().map(`,
      },
    ],
  },
  {
    name: 'presigned-gone-is-done',
    bug: 'presigned takes an upload that the server does not know for a completed one',
    breaks: 'an object reported as done exists',
    edits: [
      {
        file: 'backends/presigned.ts',
        find: `return state === 'completed' ? { state, key: session.key } : { state }`,
        replace: `return state === 'open' ? { state } : { state: 'completed', key: session.key }`,
      },
    ],
  },
  {
    name: 'active-storage-blob-forgotten',
    bug: 'activeStorage does not remember which blob the bytes went to',
    breaks: 'an upload ends',
    edits: [
      {
        file: 'backends/active-storage.ts',
        find: `{ ...readTarget(answer, session), memo, method`,
        replace: `{ ...readTarget(answer, session), method`,
      },
    ],
  },
  {
    name: 'define-backend-lost-unknown',
    bug: 'defineBackend does not take a 404 for a lost session',
    breaks: 'a session that the server has lost is replaced with a new one',
    edits: [
      {
        file: 'backends/define-backend.ts',
        find: `return hasSession ? orLost(reply, ['NoSuchUpload']) : reply`,
        replace: `return reply`,
      },
    ],
  },
  {
    name: 'gone-cannot-be-thrown-away',
    bug: 'throwing away an upload that is already gone is a failure',
    breaks: 'an upload that is already gone counts as thrown away',
    edits: [
      { file: 'backends/server.ts', find: `await goneIfLost(request)`, replace: `await request` },
      {
        file: 'run.ts',
        find: `await aborts.hold(() => retrying(request, policy, new AbortController().signal)).catch(ifLost)`,
        replace: `await aborts.hold(() => retrying(request, policy, new AbortController().signal))`,
      },
    ],
  },
  {
    name: 'unauthorized-for-ever',
    bug: 'a call that is refused as unauthorized is retried without end',
    breaks: 'a 401 refreshes the token once',
    edits: [
      {
        file: 'backends/refresh.ts',
        find: `    return request()\n`,
        replace: `    return this.call(request, isUnauthorized, given, signal)\n`,
      },
    ],
  },
  {
    name: 'refreshes-at-once',
    bug: 'each call that waits for a new token asks for one',
    breaks: 'one refresh for all waiting calls',
    edits: [{ file: 'backends/refresh.ts', find: `this.#running ??=`, replace: `this.#running =` }],
  },
  {
    name: 'token-to-the-storage',
    bug: "fragno sends the application's headers to the storage",
    breaks: 'the storage gets the headers that the target names and no others',
    edits: [
      {
        file: 'backends/fragno.ts',
        find: `return readSingleTarget(answer.inner('upload'))`,
        replace: `return { ...readSingleTarget(answer.inner('upload')), headers: await this.#server.headers() }`,
      },
    ],
  },
  {
    name: 'call-buried-alive',
    bug: 'a session left by a cancel is thrown away although the server has given it to the next upload',
    breaks: 'a session to be thrown away is not resumed',
    edits: [
      {
        file: 'uploader.ts',
        find: `if (isLive) await journal.remove()`,
        replace: `if (all.length === 0) await journal.remove()`,
      },
    ],
  },
]
