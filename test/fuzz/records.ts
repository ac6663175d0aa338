/** Records that a storage returns wrong in every way. A record is accepted as it was written, or not at all. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { parts } from '../../src/layout.ts'
import type { ApiRequest, Checkpoint, CheckpointStore, Json, StoredRecords } from '../../src/ports.ts'
import { readStored } from '../../src/record.ts'
import type { InterruptedUpload } from '../../src/uploader.ts'
import { holds } from './fuzzed.ts'
import { HurriedClock } from './hurried-clock.ts'
import { journey, leavePart, page, requireHonest, requireTyped, tenBytes } from './journey.ts'
import { type Change, changed, placesIn } from './json-places.ts'
import { junk } from './junk.ts'
import { modelServers } from './model-servers.ts'
import { withPageLocation } from './page-location.ts'
import { ModelStorage } from './servers/storage.ts'

/** Values that IndexedDB can hold and JSON cannot. */
const cloned = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  10n,
  new Date(0),
  new Map([['a', 1]]),
  new Set([1]),
  new Uint8Array(4),
  /x/,
  new Error('stored'),
)

/** Returns another record in place of one, once. */
class Damaged implements CheckpointStore {
  readonly #inner: CheckpointStore
  readonly #damage: (records: StoredRecords) => StoredRecords
  #isDone = false

  constructor(inner: CheckpointStore, damage: (records: StoredRecords) => StoredRecords) {
    this.#inner = inner
    this.#damage = damage
  }

  async load(key: string): Promise<StoredRecords | undefined> {
    const records = await this.#inner.load(key)
    if (records === undefined || this.#isDone) return records
    this.#isDone = true
    return this.#damage(records)
  }

  async list(): Promise<readonly StoredRecords[]> {
    return (await this.#inner.list()).map(this.#damage)
  }

  save: CheckpointStore['save'] = (checkpoint) => this.#inner.save(checkpoint)
  addReceipt: CheckpointStore['addReceipt'] = (key, receipt) => this.#inner.addReceipt(key, receipt)
  remove: CheckpointStore['remove'] = (key) => this.#inner.remove(key)
}

const damage = fc.array(
  fc.record({
    at: fc.nat(10_000),
    change: fc.oneof(
      { weight: 1, arbitrary: fc.constant('gone' as const) },
      { weight: 4, arbitrary: junk.map((value) => ({ value })) },
      // Close to the actual value.
      { weight: 3, arbitrary: fc.integer({ min: -1, max: 12 }).map((value) => ({ value })) },
      { weight: 2, arbitrary: cloned.map((value) => ({ value: value as Json })) },
    ),
  }),
  { minLength: 1, maxLength: 2 },
)

type Damage = { readonly at: number; readonly change: Change }

/** The records with one wrong value in the checkpoint or in a receipt. */
function damaged(records: StoredRecords, all: readonly Damage[]): StoredRecords {
  return all.reduce((before, { at, change }) => {
    const json = before as unknown as Json
    const places = placesIn(json).filter(([first, second]) => first === 'checkpoint' || second !== undefined)
    return changed(json, places[at % places.length] ?? [], change) as unknown as StoredRecords
  }, structuredClone(records))
}

/** An accepted record can be worked with: its parts are the whole file, each byte once. */
function requireWholeLayout({ identity, ...checkpoint }: Checkpoint): void {
  if (checkpoint.stage !== 'opened') return
  let end = 0
  for (const { number, offset, size } of firstOf(parts(checkpoint.layout))) {
    expect([number, offset]).toEqual([expect.any(Number), end])
    end += size
    if (end > identity.size) break
  }
  expect(end).toBe(identity.size)
}

/** A file of 2 ** 53 bytes has too many parts to check them all. */
function* firstOf<T>(all: Iterable<T>): Generator<T> {
  let count = 0
  for (const one of all) if (count++ < 100) yield one
}

/** Everything that a page can do with the uploads that it is shown. */
async function useList(make: (typeof modelServers)[number], checkpoints: CheckpointStore): Promise<void> {
  const clock = new HurriedClock()
  const storage = new ModelStorage(clock)
  const server = make()
  const api = { send: async (request: ApiRequest) => server.answer(request, storage) }
  const uploader = page(server, { clock, storage, checkpoints, api })
  const listed = await clock.outcome(uploader.interrupted())
  if (listed.status === 'rejected') throw listed.reason
  for (const left of listed.value) {
    expect(Number.isFinite(left.confirmed)).toBe(true)
    requireTypedOrDone(await clock.outcome(goOn(left)))
    requireTypedOrDone(await clock.outcome(left.cancel()))
    requireTypedOrDone(await clock.outcome(left.forget()))
  }
  await clock.outcome(uploader.stop())
  expect(clock.sleeping).toBe(0)
}

/** Misuse throws at once, and so does the wrong file. */
async function goOn(left: InterruptedUpload): Promise<unknown> {
  return left.resume(tenBytes)
}

function requireTypedOrDone(outcome: PromiseSettledResult<unknown>): void {
  if (outcome.status === 'rejected') requireTyped(outcome.reason, ['unexpected', 'in-use'])
}

/** An earlier visit's remains of ten bytes: one part of three is stored. */
async function leftBy(make: (typeof modelServers)[number]): Promise<CheckpointStore> {
  const clock = new HurriedClock()
  const checkpoints = memoryCheckpoints()
  await leavePart({ server: make() }, { clock, storage: new ModelStorage(clock), checkpoints })
  return checkpoints
}

/** @param cases For each kind of server. */
export function describeRecords(cases: number): void {
  withPageLocation()
  describe.each(modelServers.map((make) => ({ name: make().name, make })))(
    'the records of $name',
    ({ make }) => {
      test('are read as they were written, or not at all', { timeout: 120_000 }, async () => {
        const [written] = await (await leftBy(make)).list()
        if (written === undefined) throw new Error('Expected a record of the earlier visit')
        expect(readStored(structuredClone(written))).toEqual(written)
        await holds(cases, damage, async (all) => {
          const given = damaged(written, all)
          const before = structuredClone(given)
          const stored = readStored(given)
          expect(given).toEqual(before)
          if (stored === undefined) return
          expect(stored.checkpoint).toEqual(before.checkpoint)
          for (const receipt of stored.receipts) expect(before.receipts).toContainEqual(receipt)
          requireWholeLayout(stored.checkpoint)
        })
      })

      test('let every upload end as done or failed, and a failed one can be started again', {
        timeout: 120_000,
      }, async () => {
        await holds(Math.ceil(cases / 2), damage, async (all) => {
          const meanwhile = (inner: CheckpointStore): CheckpointStore =>
            new Damaged(inner, (records) => damaged(records, all))
          const one = await journey({ server: make(), course: 'resumed', meanwhile, restarts: true })
          await requireHonest(one)
          expect(one.outcome).toMatchObject({ status: 'fulfilled' })
        })
      })

      test('are listed, forgotten and cancelled whatever is in them', { timeout: 120_000 }, async () => {
        const left = await leftBy(make)
        await holds(Math.ceil(cases / 8), damage, async (all) => {
          const store = new Damaged(left, (records) => damaged(records, all))
          await useList(make, store)
        })
      })
    },
  )
}
