/** Why a mutant that no test finds stays, by `nameOf`. */

const isStatic =
  'found when planted by hand: the code runs once at import, where Stryker with Vitest 5.1 does not reach it'

const isTrial =
  'the same: a trial has another width, unless a limit came in the middle of it, and then the difference is one look'

const isInternal =
  'the same: nobody reads this field of the error, which is recognised by its class and replaced before it is reported'

const asksOnly = 'the same: only called if the backend has a `status`, which always answers; for the compiler'

const isBoundary = 'the same except at one millisecond or byte, a limit that nobody chose with care'

const forCompiler = 'the same: there is always one; for the compiler'

const isMemory = 'the same, with more memory: finished entries stay in a list until the run ends'

const isYesOrNo = 'the same: only read as yes or no'

const isSystem = "the same: in an action, whatever is not the user's is the system's"

const isInUploads = 'found by the tests of whole uploads: no Uploader can be made without it'

const listAgain = 'no test sees it: the upload asks for the list once more when everything is stored'

const noCode = 'the same: nobody answers with that code'

const wholeCode = 'the same: an error that does not come from a server has neither a status nor a code'

const laterTest = 'found when planted by hand, by a test that came after this run'

const inTabs = 'found when planted by hand, by the tests of two tabs'

const hasReason = 'the same: only the system has a reason; for the compiler'

export const reasons: Readonly<Record<string, string>> = {
  'src/crc-combine.ts: { high: 0, low: 0 } → {}': 'the same: `undefined` is 0 to bit operations',
  'src/crc-combine.ts: shifts.set(piece.size, shift) → ;': 'the same result, more slowly',
  'src/crc-combine.ts: bit > 31 → bit >= 31':
    'the same: it differs only at bit 31, which is x^0 of a CRC of 32 bits, and nobody reads the high half of such a CRC',
  'src/crc-combine.ts: bit - 32 → bit + 32': 'the same: shifts are modulo 32',
  'src/crc-combine.ts: -8 → +8':
    'the same with 16 digits; with 8, only the high half differs, and nobody reads it',
  'src/crc-combine.ts: \'0\' → ""': 'the same: NaN is 0 to bit operations',
  'src/layout.ts: indexes.set(cuts, index) → ;': 'the same result, more slowly',
  "src/state.ts: state.status === 'paused' → true":
    'the same: of the remaining states only a pause has a `by`, which is compared next',
  'src/progress.ts: first === undefined → false':
    'cannot happen: a sample was added just before; for the compiler',
  'src/targets.ts: this.#failed.add(number) → ;':
    'no test asks for a part that was cut off from the batch of another part; one more call',
  'src/targets.ts: [] → ["Stryker was here"]': 'no part has that number',
  'src/targets.ts: this.#onlyCall !== undefined → false':
    'no test sees it: the only call has already signed ahead; one more call',
  'src/targets.ts: this.#failed.delete(number) → ;':
    'the same targets: a part that was signed again is asked for once more at most',
  'src/targets.ts: this.#ready.get(part.number)?.target → this.#ready.get(part.number).target':
    'the same: after a successful call for the part itself there is a target; for the compiler',
  'src/targets.ts: this.#signing.has(number) → false':
    'the same while nothing has failed: a part that is being signed is not new, and has no target that could have expired',
  'src/journal.ts: { return undefined } → {}': 'the same: a function that returns nothing returns undefined',
  'src/journal.ts: [] → ["Stryker was here"]':
    'the same: without a checkpoint nobody reads the receipts, and the next checkpoint clears them',
  'src/concurrency.ts: this.#trying.from > this.#width → this.#trying.from >= this.#width': isTrial,
  'src/concurrency.ts: this.#width > from → this.#width >= from': isTrial,
  'src/line.ts: this.#ended?.() → this.#ended()': 'the same: once begun, it has an end; for the compiler',
  'src/line.ts: false → true': 'the same: the first URL is always looked at',
  'src/line.ts: \'/\' → ""': 'the same: only compared with itself',
  'src/line.ts: host !== this.#host → true': 'the same result, more slowly',
  'src/sender.ts: \'url-expired\' → ""': isInternal,
  'src/sender.ts: true → false': isInternal,
  'src/sender.ts: \'\' → "Stryker was here!"': 'the same: no storage has that code',
  'src/run.ts: [] → ["Stryker was here"]':
    'the same: no part has that number, and if a session was found, so were its receipts',
  "src/run.ts: { state: 'open' } → {}": asksOnly,
  'src/run.ts: \'open\' → ""': asksOnly,
  'src/run.ts: backend.status?.(session, call) → backend.status(session, call)': asksOnly,
  'src/run.ts: () => false → () => undefined': 'the same: only read as yes or no',
  'src/run.ts: backend.abort?.(session, { signal: kill, api }) → backend.abort(session, { signal: kill, api })':
    'the same: the error is caught, as if the server could not be told',
  'src/run.ts: this.#signals.stop.throwIfAborted() → ;':
    'the same in the end: later code checks too, before anything is sent; a lost session is replaced before a pause and not after it',
  'src/run.ts: \'the server does not answer\' → ""': 'only its wording differs',
  'src/run.ts: `"${file.name}" has different content than before` → ``': 'only its wording differs',
  'src/run.ts: stored?.receipts → stored.receipts':
    'the same: if a session was found, something was stored; for the compiler',
  "src/run.ts: stage === 'identified' || stage === 'opened' → true":
    'found by the tests of interrupted uploads',
  'src/run.ts: receipt === undefined → false':
    'cannot happen: a part that is digested late has a receipt; for the compiler',
  'src/run.ts: requireReceipts(layout, ascending) → ;':
    'cannot happen: the missing parts have been sent; the last check before the object is made, and its function has tests (`layout.ts`)',
  'src/run.ts: \'record\' → ""': 'the same: whatever is not a list of the storage counts as a record',
  'src/run.ts: sent === 0 → true':
    'the same digests, some of them sooner: a part that is being read, or was, is not read again',
  'src/http-failure.ts: { return undefined } → {}':
    'the same: a function that returns nothing returns undefined',
  'src/http-failure.ts: \'\' → "Stryker was here!"': 'the same: that is neither a date nor a code',
  'src/watchdog.ts: { idle: 20_000, answer: 60_000 } → {}': isInUploads,
  'src/watchdog.ts: 16 * 1024 → 16 / 1024': isStatic,
  'src/watchdog.ts: waited >= Math.min(idle, answer) → waited > Math.min(idle, answer)': isBoundary,
  'src/watchdog.ts: this.#movedAt < 0 → this.#movedAt <= 0':
    'the same: nothing moves at the moment in which the clock of the page starts',
  'src/watchdog.ts: this.#clock.now() - due > slept → this.#clock.now() - due >= slept': isBoundary,
  'src/watchdog.ts: sent >= telling → sent > telling': isBoundary,
  'src/part-digests.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/part-digests.ts: needs.length === 0 → false':
    'the same, more slowly: if nothing is needed, nothing is read',
  'src/part-digests.ts: () => this.#open.delete(tracked) → () => undefined': isMemory,
  'src/part-reads.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/part-reads.ts: missing.length > 0 → true':
    'the same, more slowly: if nothing is needed, nothing is read',
  'src/part-reads.ts: missing.length > 0 → missing.length >= 0':
    'the same, more slowly: if nothing is needed, nothing is read',
  'src/etags.ts: /^"?([\\da-f]{32})"?$/i.exec(etag)?.[1]?.toLowerCase → /^"?([\\da-f]{32})"?$/i.exec(etag)?.[1].toLowerCase':
    forCompiler,
  'src/proofs.ts: md5 !== undefined → true': 'the same: an undefined MD5 is the same as a missing one',
  'src/proofs.ts: [] → ["Stryker was here"]': 'the same: nobody reads it once the ETags are known',
  'src/proofs.ts: () => this.#open.delete(tracked) → () => undefined': isMemory,
  'src/verification.ts: md5 !== undefined → true':
    'the same: a receipt with neither an MD5 nor a CRC32C is left out in the next step',
  'src/verification.ts: all.length <= wanted → false':
    'the same: spread evenly over so few, the sample takes all of them',
  'src/verification.ts: all.length <= wanted → all.length < wanted':
    'the same: spread evenly over so few, the sample takes all of them',
  'src/record.ts: default: return false → default:': isYesOrNo,
  "src/record.ts: typeof value === 'number' → true":
    'the same: `Number.isFinite` is false for everything that is not a number',
  'src/fingerprint.ts: step <= pieceSize → step < pieceSize': isBoundary,
  'src/fingerprint.ts: \'sample\' → ""': 'the same: it differs from `all`, too',
  'src/identity.ts: file?.webkitRelativePath → file.webkitRelativePath': forCompiler,
  'src/identity.ts: Math.abs(date) > 8.64e15 → Math.abs(date) >= 8.64e15': isBoundary,
  'src/turns.ts: this.#heard.has(stop) → false':
    'the same, more slowly: a task that has left is not in the list any more',
  'src/turns.ts: this.#heard.add(stop) → ;':
    'the same, more slowly: a task that has left is not in the list any more',
  'src/turns.ts: { once: true } → {}': 'the same: a signal aborts once',
  'src/turns.ts: true → false': 'the same: a signal aborts once',
  'src/pulse.ts: this.#telling.clear() → ;': isMemory,
  'src/pulse.ts: this.#sources.size + this.#due.size → this.#sources.size - this.#due.size':
    'the same: whatever became due since this beat has started the next one itself',
  'src/totals.ts: end !== undefined → true': 'cannot happen: nothing changes after the last one has ended',
  "src/tracker.ts: news.type === 'part' → true": 'the same: no other news arrives here; for the compiler',
  'src/tracker.ts: this.#share.set(this.#ledger.confirmed, this.#ledger.inFlight) → ;':
    'the same: each change has reported it already',
  'src/informer.ts: () => false → () => undefined': isYesOrNo,
  'src/informer.ts: { return false } → {}': isYesOrNo,
  'src/ownership.ts: false → true':
    'the same: before the first claim, there is none that could be taken away',
  'src/batch.ts: clock.now() - since < slice → clock.now() - since <= slice': isBoundary,
  "src/backends/answer.ts: typeof value === 'number' → true":
    'the same: `Number.isSafeInteger` is false for everything that is not a number; for the compiler',
  'src/backends/endpoint.ts: [] → ["Stryker was here"]': forCompiler,
  'src/backends/endpoint.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/backends/endpoint.ts: /^https?:$/ → /^https?:/': 'the same: a protocol ends with its colon',
  'src/backends/presigned.ts: \'\' → "Stryker was here!"':
    'no test has it: the digest of the contract is always there, and every endpoint has a path',
  'src/backends/presigned.ts: after !== null → true':
    'the same: null is not above any number; for the compiler',
  "src/backends/presigned.ts: option !== '' → true": 'every endpoint has a path',
  'src/backends/presigned.ts: \'POST /\' → ""': 'the same: without a method, an endpoint has POST',
  'src/uploader.ts: this.#stops += 1 → this.#stops -= 1': 'the same: only compared with itself',
  'src/uploader.ts: this.#count += 1 → this.#count -= 1': 'the same: only used to tell uploads apart',
  'src/uploader.ts: () => false → () => undefined': isYesOrNo,
  'src/uploader.ts: () => this.#discarding.delete(key) → () => undefined':
    'the same: nobody waits for work that is over',
  'src/upload.ts: clock.date() + eta <= (this.#sessionExpiresAt ?? Number.POSITIVE_INFINITY) → clock.date() + eta < (this.#sessionExpiresAt ?? Number.POSITIVE_INFINITY)':
    isBoundary,
  'src/upload.ts: \'system\' → ""': isSystem,
  'src/upload.ts: this.#run?.drain → this.#run.drain':
    'the same: if parts are being sent, there is a run; for the compiler',
  'src/upload.ts: error instanceof HttpError && !error.retryable → error instanceof HttpError || !error.retryable':
    listAgain,
  'src/upload.ts: error instanceof HttpError && !error.retryable → true': listAgain,
  'src/upload.ts: false → true':
    '`isUnsure`: found by a test that came after this run; the other is the same: a second order to let parts arrive changes nothing, nor does one after they were cut',
  "src/upload.ts: state.by === 'system' → true": hasReason,
  "src/upload.ts: state.status === 'paused' → true": hasReason,
  'src/upload.ts: this.#driving !== undefined → false':
    'the same: an upload that is being driven is in its place, or is not running',
  'src/run.ts: !signal.aborted → true': laterTest,
  'src/uploader.ts: \'the upload is under way in this tab or in another\' → ""': laterTest,
  'src/upload.ts: !isEnding && this.#dispatch(otherTab) → true': laterTest,
  'src/upload.ts: !isEnding && this.#dispatch(otherTab) → false': laterTest,
  "src/upload.ts: status === 'cancelled' && !this.#run → false": inTabs,
  "src/upload.ts: status === 'cancelled' → status !== 'cancelled'": inTabs,
  'src/upload.ts: \'cancelled\' → ""': inTabs,
  "src/upload.ts: status === 'cancelled' → true":
    'the same: without a run, nothing is written before the claim is asked for again',
  'src/upload.ts: isEnding → false': 'the same: a call that completes is not cut, only not made again',
  'src/upload.ts: this.#run?.cut → this.#run.cut': 'found by the simulation, which does not run here',
  "src/upload.ts: news.type === 'progress' → true":
    'the same: the record is read once more, after news of another kind',
  'src/upload.ts: true → false':
    'no test has it: the other tab reports a part between the look at the record and its answer',
  "src/upload.ts: state.status === 'paused' && state.by === 'system' → true": hasReason,
  "src/upload.ts: state.status === 'paused' && state.by === 'system' → state.status === 'paused' || state.by === 'system'":
    hasReason,
  'src/upload.ts: this.#leave() → ;': 'the same: it leaves a moment later, when it is no longer driven',
  'src/backends/answer.ts: /^(accept-(charset|encoding)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|te|trail… → /^(accept-(charset|encoding)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|te|trail…':
    isStatic,
  'src/backends/answer.ts: /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/|$)/i → /http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/|$)/i':
    isStatic,
  'src/backends/answer.ts: /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/|$)/i → /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d){3}|\\[::1\\])(:\\d+)?(\\/|$)/i':
    isStatic,
  'src/backends/answer.ts: /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/|$)/i → /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)(\\/|$)/i':
    isStatic,
  'src/backends/answer.ts: /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/|$)/i → /^http:\\/\\/(([\\w-]+\\.)*localhost|127(\\.\\d+){3}|\\[::1\\])(:\\d+)?(\\/)/i':
    isStatic,
  'src/backends/endpoint.ts: /^[a-z][a-z\\d+.-]*:/i → /[a-z][a-z\\d+.-]*:/i': isStatic,
  'src/backends/endpoint.ts: /^[a-z][a-z\\d+.-]*:/i → /^[a-z][a-z\\D+.-]*:/i': isStatic,
  'src/remote/link.ts: this.#waiting.clear() → ;': isMemory,
  'src/remote/link.ts: this.#waiting.delete(news.ask) → ;': isMemory,
  'src/remote/link.ts: { signal } → {}': 'the same: a worker ends only once',
  'src/remote/wire.ts: false → true': forCompiler,
  'src/backends/active-storage.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/backends/active-storage.ts: receipt?.memo → receipt.memo': forCompiler,
  'src/backends/server.ts: [] → ["Stryker was here"]': noCode,
  'src/backends/server.ts: \'\' → "Stryker was here!"':
    'the same: nobody answers with that code, it is not a date, and text that is not JSON is neither an error nor a page',
  'src/backends/server.ts: { return undefined } → {}':
    'the same: a function that returns nothing returns undefined',
  'src/backends/refresh.ts: this.#generation += 1 → this.#generation -= 1':
    'the same: only compared with itself',
  'src/backends/fragno-request.ts: \'sha256\' → ""':
    'the same: without a checksum there is no digest to name',
  'src/backends/fragno-request.ts: !(error instanceof HttpError) → false': wholeCode,
  'src/backends/fragno.ts: \'\' → "Stryker was here!"':
    'the same: there is always a path, and nobody answers with that code; for the compiler',
  'src/backends/fragno.ts: left > 0 → left >= 0': isBoundary,
  'src/backends/fragno.ts: \'file\' → ""':
    'the same: a file that is already there has no strategy; for the compiler',
  'src/backends/fragno-session.ts: \'\' → "Stryker was here!"': 'the same: that is not a date either',
  'src/backends/bkend-access.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/backends/bkend.ts: \'\' → "Stryker was here!"': noCode,
  'src/backends/bkend.ts: this.#forget(session) → ;':
    'the same, with more memory: each upload has a key of its own',
  'src/backends/bkend.ts: { until: 0 } → {}': 'the same: `NaN` is not above 0',
  'src/backends/bkend.ts: target !== undefined → true':
    'the same: if there is time left, there is a target; for the compiler',
  'src/backends/bkend.ts: !(error instanceof HttpError) → false': wholeCode,
  'src/files/fragno-files.ts: \'\' → "Stryker was here!"': noCode,
  'src/intake.ts: [] → ["Stryker was here"]': 'the same: only its name is read',
  'src/limits.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/network-wait.ts: pause < 1 → pause <= 1': isBoundary,
  'src/errors.ts: skew > 0 → skew >= 0': 'the same: it is a minute or more',
  'src/errors.ts: \'\' → "Stryker was here!"': noCode,
  'src/backends/bkend-file.ts: \'s3Key\' → ""': isStatic,
  'src/backends/bkend-file.ts: \'bucket\' → ""': isStatic,
  'src/backends/bkend-file.ts: \'height\' → ""': isStatic,
  'src/hashing/worker-hasher.ts: \'\' → "Stryker was here!"': forCompiler,
  'src/hashing/worker-hasher.ts: \'failed\' → ""': 'the same: everything that is not unreadable has failed',
  'src/hashing/worker-pool.ts: this.#idle.splice(fitting, 1)[0]?.worker → this.#idle.splice(fitting, 1)[0].worker':
    forCompiler,
  'src/hashing/worker-pool.ts: this.#idle.pop()?.worker → this.#idle.pop().worker':
    'the same: no more digests run at once than there are workers, so one of the workers is idle',
  'src/hashing/worker-pool.ts: { return undefined } → {}':
    'the same: a function that returns nothing returns undefined',
  'src/tabs/web-locks.ts: \'a lock that was waited for was not given\' → ""':
    'cannot happen: only a lock that is asked for `ifAvailable` may be null; for the compiler',
  'src/tabs/web-locks.ts: claim === undefined → false':
    'cannot happen: only a lock that is asked for `ifAvailable` may be null; for the compiler',
  'src/tabs/web-locks.ts: [] → ["Stryker was here"]': 'the same: that is not a lock',
}
