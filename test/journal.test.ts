import { describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { Journal, type JournalOptions } from '../src/journal.ts'
import type { Checkpoint, CheckpointStore, PartReceipt } from '../src/ports.ts'
import { Pulse } from '../src/pulse.ts'
import { checkpointOf } from './contracts/checkpoint-store.ts'
import { FakeClock, flush } from './fakes/clock.ts'

const checkpoint = checkpointOf('a')
const first: PartReceipt = { number: 1, size: 4, etag: '"e1"' }
const second: PartReceipt = { number: 2, size: 4, etag: '"e2"' }
const full = new DOMException('full', 'QuotaExceededError')

function journalOf(store: CheckpointStore = memoryCheckpoints()) {
  const clock = new FakeClock()
  const onTrouble = vi.fn()
  const onDamage = vi.fn()
  const warn: JournalOptions['warn'] = (code, cause) =>
    code === 'checkpoint' ? onTrouble(cause) : onDamage()
  const journal = new Journal({ key: 'a', store, pulse: new Pulse(clock), warn })
  return { journal, store, clock, onTrouble, onDamage }
}

/** A store with some of its operations replaced. */
function storeWith(operations: Partial<CheckpointStore>): CheckpointStore {
  return Object.assign(memoryCheckpoints(), operations)
}

describe('a journal', () => {
  test('is empty if nothing was stored', async () => {
    const { journal, onDamage, onTrouble } = journalOf()
    expect(await journal.load()).toBeUndefined()
    expect(journal.isInMemory).toBe(false)
    expect([onDamage.mock.calls, onTrouble.mock.calls]).toEqual([[], []])
  })

  test('returns what was saved, also to the next page', async () => {
    const { journal, store, clock } = journalOf()
    await journal.save(checkpoint)
    await journal.add(first)
    await journal.add(second)
    const stored = { checkpoint, receipts: [first, second] }
    expect(await journal.load()).toEqual(stored)
    expect(await journalOf(store).journal.load()).toEqual(stored)
    expect(clock.sleeping).toBe(0)
  })

  test('returns what is in the storage if another page has written meanwhile', async () => {
    const { journal, store } = journalOf()
    await journal.save(checkpoint)
    await journal.add(first)
    const other = checkpointOf('a', 'two')
    await store.save(other)
    await store.addReceipt('a', second)
    expect(await journal.load()).toEqual({ checkpoint: other, receipts: [second] })
    await store.remove('a')
    expect(await journal.load()).toBeUndefined()
  })

  test('of the owner continues in memory if the storage was cleared or marks the upload as ended', async () => {
    const { session: _, layout: __, ...kept } = checkpoint as Extract<Checkpoint, { stage: 'opened' }>
    const ends: Checkpoint[] = [{ ...kept, stage: 'ended', result: 'cancelled' }, checkpoint]
    for (const end of [undefined, ...ends]) {
      const { journal, store, onTrouble, onDamage } = journalOf()
      await journal.save(checkpoint)
      await journal.add(first)
      await store.remove('a')
      if (end !== undefined) await store.save(end)
      const isThere = end === checkpoint
      expect(await journal.load(true)).toEqual({ checkpoint, receipts: isThere ? [] : [first] })
      expect([journal.isInMemory, onTrouble.mock.calls.length]).toEqual(isThere ? [false, 0] : [true, 1])
      expect(onDamage).not.toHaveBeenCalled()
    }
  })

  test('of the owner is empty if nothing was opened', async () => {
    const { journal, store, onTrouble } = journalOf()
    await journal.save(checkpoint)
    await journal.remove()
    expect(await journal.load(true)).toBeUndefined()
    await store.save(checkpoint)
    expect(await journal.load(true)).toEqual({ checkpoint, receipts: [] })
    expect(onTrouble).not.toHaveBeenCalled()
  })

  test('drops the receipts of a checkpoint that is replaced by another', async () => {
    const { journal } = journalOf(storeWith({ addReceipt: () => Promise.reject(full) }))
    await journal.save(checkpoint)
    await journal.add(first)
    await journal.save(checkpointOf('a', 'two'))
    expect(await journal.load()).toEqual({ checkpoint: checkpointOf('a', 'two'), receipts: [] })
  })

  test('is empty after remove(), in the storage and without one', async () => {
    for (const store of [memoryCheckpoints(), storeWith({ addReceipt: () => Promise.reject(full) })]) {
      const { journal } = journalOf(store)
      await journal.save(checkpoint)
      await journal.add(first)
      await journal.remove()
      expect(await journal.load()).toBeUndefined()
    }
    const { journal, store } = journalOf()
    await journal.save(checkpoint)
    await journal.remove()
    expect(await store.list()).toEqual([])
  })

  test('leaves a tombstone beside the checkpoint, under a key of its own', async () => {
    const { journal, store } = journalOf()
    await journal.save(checkpoint)
    const { handle: _, ...kept } = checkpoint as Extract<Checkpoint, { stage: 'opened' }>
    await journal.leaveTombstone({ ...kept, stage: 'aborting', createdAt: 7 })
    const stored = (await store.list()).map((one) => one.checkpoint) as readonly Checkpoint[]
    expect(stored.map(({ key, stage }) => [key, stage])).toEqual([
      ['a', 'opened'],
      ['a aborting 7', 'aborting'],
    ])
  })

  test('throws away what cannot be read, and warns', async () => {
    const { journal, store, onDamage } = journalOf()
    await store.save({ ...checkpoint, version: 9 } as unknown as Checkpoint)
    await store.addReceipt('a', first)
    expect(await journal.load()).toBeUndefined()
    expect(onDamage).toHaveBeenCalledTimes(1)
    expect(await store.list()).toEqual([])
  })
})

describe('a storage that fails', () => {
  test.each(['load', 'save', 'addReceipt', 'remove'] as const)(
    'is afterwards only told of the end, and causes one warning (%s)',
    async (operation) => {
      const store = storeWith({ [operation]: () => Promise.reject(full) })
      const { journal, clock, onTrouble } = journalOf(store)
      const act = { load: () => journal.load(), save: () => journal.save(checkpoint) }
      const more = { addReceipt: () => journal.add(first), remove: () => journal.remove() }
      await { ...act, ...more }[operation]()
      expect(onTrouble.mock.calls).toEqual([[full]])
      expect(journal.isInMemory).toBe(true)
      const used = (['load', 'save', 'addReceipt', 'remove'] as const).map((one) => vi.spyOn(store, one))
      await journal.save(checkpoint)
      await journal.add(second)
      expect(await journal.load()).toEqual({ checkpoint, receipts: [second] })
      expect(used.flatMap((one) => one.mock.calls)).toEqual([])
      await journal.remove()
      expect(used.flatMap((one) => one.mock.calls)).toEqual([['a']])
      expect(onTrouble).toHaveBeenCalledTimes(1)
      expect(clock.sleeping).toBe(0)
    },
  )

  test('causes one warning even if several operations were under way', async () => {
    const { journal, onTrouble } = journalOf(storeWith({ addReceipt: () => Promise.reject(full) }))
    await journal.save(checkpoint)
    await Promise.all([journal.add(first), journal.add(second)])
    expect(onTrouble).toHaveBeenCalledTimes(1)
    expect(await journal.load()).toEqual({ checkpoint, receipts: [first, second] })
  })

  test('on a read takes nothing away from what this page knows', async () => {
    const { journal, store } = journalOf()
    await journal.save(checkpoint)
    await journal.add(first)
    store.load = () => Promise.reject(full)
    expect(await journal.load()).toEqual({ checkpoint, receipts: [first] })
  })
})

describe('a storage that has failed once', () => {
  test('is still told the result, and of a session that is to be aborted', async () => {
    const { journal, store } = journalOf(storeWith({ addReceipt: () => Promise.reject(full) }))
    await journal.save(checkpoint)
    await journal.add(first)
    const { handle: _, ...kept } = checkpoint as Extract<Checkpoint, { stage: 'opened' }>
    const stages = async (): Promise<string[]> =>
      (await store.list()).map((one) => (one.checkpoint as Checkpoint).stage)
    await journal.save({ ...kept, stage: 'aborting' })
    await journal.leaveTombstone({ ...kept, stage: 'aborting' })
    expect(await stages()).toEqual(['aborting', 'aborting'])
    await journal.save({ ...kept, stage: 'ended', result: 'cancelled' })
    expect(await stages()).toEqual(['ended', 'aborting'])
    expect(journal.isInMemory).toBe(true)
  })

  test('keeps what could not be read when the journal is removed', async () => {
    const { journal, store } = journalOf(storeWith({ load: () => Promise.reject(full) }))
    await store.save(checkpoint)
    expect(await journal.load()).toBeUndefined()
    await journal.remove()
    expect(await store.list()).toHaveLength(1)
  })
})

describe('a look at a checkpoint of another page', () => {
  test('returns what is stored, and ignores failures', async () => {
    const { journal, store, onTrouble, onDamage, clock } = journalOf()
    expect(await journal.peek()).toBeUndefined()
    await store.save(checkpoint)
    await store.addReceipt('a', first)
    expect(await journal.peek()).toEqual({ checkpoint, receipts: [first] })
    const load = vi.spyOn(store, 'load').mockRejectedValueOnce(full)
    expect(await journal.peek()).toBeUndefined()
    load.mockResolvedValueOnce({ checkpoint: { ...checkpoint, version: 9 }, receipts: [] })
    expect(await journal.peek()).toBeUndefined()
    expect([onTrouble.mock.calls, onDamage.mock.calls, journal.isInMemory]).toEqual([[], [], false])
    expect([(await store.list()).length, clock.sleeping]).toEqual([1, 0])
  })
})

describe('a storage that does not answer', () => {
  const silent = (): Promise<never> => new Promise(() => {})

  test('is given up after exactly ten seconds, with a warning', async () => {
    const { journal, clock, onTrouble } = journalOf(storeWith({ save: silent }))
    let isOver = false
    void journal.save(checkpoint).then(() => {
      isOver = true
    })
    await clock.advance(9_900)
    expect([isOver, onTrouble.mock.calls.length, journal.isInMemory]).toEqual([false, 0, false])
    await clock.advance(100)
    expect([isOver, journal.isInMemory, clock.sleeping]).toEqual([true, true, 0])
    const [[cause] = []] = onTrouble.mock.calls
    expect(cause).toMatchObject({ message: 'the checkpoint storage gave no answer within 10 s' })
  })

  test('is waited for only a second by later journals, until it answers', async () => {
    let answer = (): void => {}
    const late = (): Promise<void> => new Promise((resolve) => (answer = resolve))
    const store = storeWith({ save: late, load: silent })
    const clock = new FakeClock()
    const pulse = new Pulse(clock)
    const next = (): Journal => new Journal({ key: 'a', store, pulse, warn: () => {} })
    void next().save(checkpoint)
    await clock.advance(10_000)
    const second = next()
    void second.load()
    await clock.advance(900)
    expect(second.isInMemory).toBe(false)
    await clock.advance(200)
    expect(second.isInMemory).toBe(true)
    answer()
    await flush()
    const third = next()
    void third.load()
    await clock.advance(9_000)
    expect(third.isInMemory).toBe(false)
  })

  test('is not given up because the machine has slept', async () => {
    let answer = (): void => {}
    const late = (): Promise<void> =>
      new Promise((resolve) => {
        answer = resolve
      })
    const { journal, clock, onTrouble } = journalOf(storeWith({ save: late }))
    const saved = journal.save(checkpoint)
    await flush()
    for (let night = 0; night < 5; night++) {
      clock.jump(8 * 3_600_000)
      await clock.advance(100)
    }
    expect(onTrouble).not.toHaveBeenCalled()
    answer()
    await saved
    expect([journal.isInMemory, clock.sleeping]).toEqual([false, 0])
  })

  test('is given up in the end, since each sleep of the machine counts as a second', async () => {
    const { journal, clock } = journalOf(storeWith({ save: silent }))
    void journal.save(checkpoint)
    await flush()
    for (let night = 0; night < 9; night++) {
      clock.jump(3_600_000)
      await clock.advance(100)
    }
    expect(journal.isInMemory).toBe(false)
    clock.jump(3_600_000)
    await clock.advance(100)
    expect(journal.isInMemory).toBe(true)
  })
})
