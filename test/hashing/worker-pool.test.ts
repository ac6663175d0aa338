import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HashReply } from '../../src/hashing/protocol.ts'
import { died, WorkerPool } from '../../src/hashing/worker-pool.ts'
import { type ScriptedWorker, scriptedWorkers } from '../fakes/hash-worker.ts'

const done: HashReply = { type: 'done', digests: { crc32c: 'e3069283' } }
const request = { blob: new Blob(['123456789']), algorithms: ['crc32c'] as const, tellsStates: false }
const call = { signal: new AbortController().signal, onPlain: () => {} }

/** Threads that all answer alike a moment later, or as the script says. */
function poolOf(
  size: number,
  script = (worker: ScriptedWorker): void => worker.say(done),
): { readonly pool: WorkerPool; readonly made: ScriptedWorker[] } {
  const { create, made } = scriptedWorkers(script)
  return { pool: new WorkerPool(create, size), made }
}

const kindsOf = (made: readonly ScriptedWorker[]) => made.map(({ kind }) => kind)
const endedOf = (made: readonly ScriptedWorker[]) => made.map(({ isTerminated }) => isTerminated)

describe('a pool of workers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('ends the worker of a single digest at once, since it holds as much memory as the upload itself', async () => {
    const { pool, made } = poolOf(1)
    await pool.run('common', request, call)
    expect(made[0]?.isTerminated).toBe(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(made[0]?.isTerminated).toBe(true)
  })

  test('keeps the worker for a digest that is requested in the same turn', async () => {
    const { pool, made } = poolOf(1)
    await pool.run('common', request, call)
    await pool.run('common', request, call)
    expect(made).toHaveLength(1)
  })

  test('keeps workers for a second after there was more than one digest', async () => {
    const { pool, made } = poolOf(1)
    await pool.run('common', request, call)
    await pool.run('common', request, call)
    await vi.advanceTimersByTimeAsync(999)
    expect(made[0]?.isTerminated).toBe(false)
    await pool.run('common', request, call)
    await vi.advanceTimersByTimeAsync(999)
    expect(made).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(made[0]?.isTerminated).toBe(true)
  })

  test('keeps all workers as long as one of them is busy', async () => {
    const { pool, made } = poolOf(2, (worker) => made.length < 2 && worker.say(done))
    const first = pool.run('common', request, call)
    const second = pool.run('common', request, call)
    await vi.advanceTimersByTimeAsync(0)
    made[0]?.say(done)
    await first
    await vi.advanceTimersByTimeAsync(60_000)
    expect(endedOf(made)).toEqual([false, false])
    made[1]?.say(done)
    await second
    await vi.advanceTimersByTimeAsync(1_000)
    expect(endedOf(made)).toEqual([true, true])
  })

  test('lets a larger worker make common digests too, but not the other way round', async () => {
    const { pool, made } = poolOf(4)
    for (const kind of ['common', 'all', 'all'] as const) await pool.run(kind, request, call)
    expect(kindsOf(made)).toEqual(['common', 'all'])
    const other = poolOf(4)
    for (const kind of ['all', 'common'] as const) await other.pool.run(kind, request, call)
    expect(kindsOf(other.made)).toEqual(['all'])
  })

  test('never exceeds its limit: an idle worker makes room for one of the other kind', async () => {
    const { pool, made } = poolOf(1)
    for (const kind of ['common', 'all'] as const) await pool.run(kind, request, call)
    expect(endedOf(made)).toEqual([true, false])
    const roomy = poolOf(2)
    for (const kind of ['common', 'all'] as const) await roomy.pool.run(kind, request, call)
    expect(endedOf(roomy.made)).toEqual([false, false])
  })

  test("passes a worker's progress on to whoever listens", async () => {
    const { pool } = poolOf(1, (worker) =>
      worker.say(
        { type: 'progress', bytes: 3 },
        { type: 'state', state: 'ab' as never },
        { type: 'plain' },
        done,
      ),
    )
    const heard: unknown[] = []
    const onProgress = (bytes: number): void => void heard.push(bytes)
    const onState = (state: unknown): void => void heard.push(state)
    const onPlain = (): void => void heard.push('plain')
    expect(await pool.run('common', request, { ...call, onProgress, onState, onPlain })).toEqual(done.digests)
    expect(heard).toEqual([3, 'ab', 'plain'])
    expect(await pool.run('common', request, call)).toEqual(done.digests)
  })

  test.each(['unreadable', 'unsupported', 'failed'] as const)(
    'passes on a failure, and uses the same worker again: %s',
    async (type) => {
      const { pool, made } = poolOf(1, (worker) => worker.say({ type, message: 'no' }))
      for (let times = 0; times < 2; times++)
        expect(await pool.run('common', request, call)).toEqual({ type, message: 'no' })
      expect(made).toHaveLength(1)
    },
  )

  test('ends a worker that broke down, without a message in the console, and never uses it again', async () => {
    const quiet: boolean[] = []
    const { pool, made } = poolOf(1, (worker) => {
      if (made.length === 1) quiet.push(worker.breakDown())
      else worker.say(done)
    })
    expect(await pool.run('common', request, call)).toBe(died)
    expect([endedOf(made), quiet]).toEqual([[true], [true]])
    expect(await pool.run('common', request, call)).toEqual(done.digests)
    expect(made).toHaveLength(2)
  })

  test('says that a worker cannot be created, and tries again the next time', async () => {
    let made = 0
    const create = (): never => {
      made += 1
      throw new DOMException('no workers here', 'SecurityError')
    }
    const pool = new WorkerPool(create, 1)
    for (let times = 0; times < 2; times++) expect(await pool.run('common', request, call)).toBe(died)
    expect(made).toBe(2)
  })

  test('ends a worker at once if its digest is aborted, and ignores whatever it still sends', async () => {
    const { pool, made } = poolOf(1, () => {})
    const controller = new AbortController()
    const running = pool.run('common', request, { ...call, signal: controller.signal })
    controller.abort('enough')
    await expect(running).rejects.toBe('enough')
    expect([endedOf(made), made[0]?.onmessage, made[0]?.onerror]).toEqual([[true], null, null])
  })
})
