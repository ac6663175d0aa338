/** Why a mutant that no test finds stays, by `nameOf`. */

const isStatic =
  'found when it is planted by hand: it is in what runs once at import, where Stryker with Vitest 5.1 does not reach it'

const isTrial =
  'the same: a trial is of another width, unless a limit came in the middle of it, and then it is a matter of one look more or less'

const isInternal =
  'the same: nobody reads it of this error, which is known by its class and is replaced before it is told'

const asksOnly = 'the same: asked only where the backend has a status, which always tells; for the compiler'

export const reasons: Readonly<Record<string, string>> = {
  'src/crc-combine.ts: { high: 0, low: 0 } → {}': 'the same: `undefined` is 0 to bit operations',
  'src/crc-combine.ts: shifts.set(piece.size, shift) → ;': 'the same result, more slowly',
  'src/crc-combine.ts: bit > 31 → bit >= 31':
    'the same: differs at bit 31 only, which is x^0 of a CRC of 32 bits, whose high half nobody reads',
  'src/crc-combine.ts: bit - 32 → bit + 32': 'the same: shifts are modulo 32',
  'src/crc-combine.ts: -8 → +8':
    'the same with 16 digits; with 8 only the high half differs, which nobody reads',
  'src/crc-combine.ts: \'0\' → ""': 'the same: NaN is 0 to bit operations',
  'src/layout.ts: throw new TooLargeError(fileSize, largestOf(limits)) → ;':
    'cannot happen: what fits the limits as a whole has a part size within them; a second look',
  'src/layout.ts: smallest > limits.maxPartSize → false': 'as above',
  'src/layout.ts: indexes.set(cuts, index) → ;': 'the same result, more slowly',
  'src/state.ts: \'waiting\' → ""': isStatic,
  "src/state.ts: { status: 'waiting' } → {}": isStatic,
  "src/state.ts: state.status === 'paused' → true":
    'the same: of the states that are left only a pause has a `by`, which is compared next',
  'src/progress.ts: first === undefined → false':
    'cannot happen: a sample was added just before; for the compiler',
  'src/targets.ts: this.#failed.add(number) → ;':
    'no test asks for what was cut off by another part than its own; a call more',
  'src/targets.ts: [] → ["Stryker was here"]': 'no part has that for its number',
  'src/targets.ts: this.#onlyCall !== undefined → false':
    'no test sees it: the only call has signed what is ahead already; a call more',
  'src/targets.ts: this.#failed.delete(number) → ;':
    'the same targets: what was signed again is asked for once more at most',
  'src/targets.ts: this.#ready.get(part.number)?.target → this.#ready.get(part.number).target':
    'the same: where the call for the part itself has ended well there is a target; for the compiler',
  'src/targets.ts: this.#signing.has(number) → false':
    'the same while nothing has failed: what is on its way is not new, and has no target that could have expired',
  'src/journal.ts: { return undefined } → {}': 'the same: a function that returns nothing returns undefined',
  'src/journal.ts: [] → ["Stryker was here"]':
    'the same: without a checkpoint nobody reads its receipts, and the next checkpoint clears them',
  'src/concurrency.ts: this.#trying.from > this.#width → this.#trying.from >= this.#width': isTrial,
  'src/concurrency.ts: this.#width > from → this.#width >= from': isTrial,
  'src/line.ts: this.#ended?.() → this.#ended()': 'the same: what has begun has an end; for the compiler',
  'src/line.ts: false → true': 'the same: the first URL is always looked at',
  'src/line.ts: \'/\' → ""': 'the same: only compared with itself',
  'src/line.ts: host !== this.#host → true': 'the same result, more slowly',
  'src/sender.ts: \'url-expired\' → ""': isInternal,
  'src/sender.ts: true → false': isInternal,
  'src/sender.ts: \'\' → "Stryker was here!"': 'the same: no storage has that code',
  'src/run.ts: [] → ["Stryker was here"]':
    'the same: no part has that for its number; and where a session was found, so were its receipts',
  "src/run.ts: { state: 'open' } → {}": asksOnly,
  'src/run.ts: \'open\' → ""': asksOnly,
  'src/run.ts: backend.status?.(session, call) → backend.status(session, call)': asksOnly,
  'src/run.ts: () => false → () => undefined': 'the same: only looked at as yes or no',
  'src/run.ts: backend.abort?.(session, { signal: this.#signals.kill, api }) → backend.abort(session, { signal: this.#signals.kill, api })':
    'the same: what is thrown there is caught, as where the server cannot be told',
  'src/run.ts: stored?.receipts → stored.receipts':
    'the same: where a session was found, something was stored; for the compiler',
  'src/run.ts: backend.judge?.(refusal, target) → backend.judge(refusal, target)':
    'the same: asked only where the backend judges; for the compiler',
  'src/run.ts: receipt === undefined → false':
    'cannot happen: what is digested late is of a part whose receipt is there; for the compiler',
  'src/run.ts: requireReceipts(layout, ascending) → ;':
    'cannot happen: what was missing has been sent; the last look before an object is made, whose function has tests (`layout.ts`)',
  'src/run.ts: \'record\' → ""': 'the same: all that is no list of the storage is taken for a record',
  'src/run.ts: sent === 0 → true':
    'the same digests, some of them sooner: what is being read, or was, is not read again',
}
