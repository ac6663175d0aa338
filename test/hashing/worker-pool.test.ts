import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HashReply } from '../../src/hashing/protocol.ts'
import { WorkerPool } from '../../src/hashing/worker-pool.ts'

const done: HashReply = { type: 'done', digests: { crc32c: 'e3069283' } }
const request = { blob: new Blob(['123456789']), algorithms: ['crc32c'] as const, tellsStates: false }
const call = { signal: new AbortController().signal, onPlain: () => {} }

/** A thread that answers everything alike, a moment later. */
class ScriptedWorker {
  onmessage: ((event: { readonly data: HashReply }) => void) | null = null
  isTerminated = false

  postMessage(): void {
    queueMicrotask(() => this.onmessage?.({ data: done }))
  }

  terminate(): void {
    this.isTerminated = true
  }
}

function poolOfScripted(): { readonly pool: WorkerPool; readonly made: ScriptedWorker[] } {
  const made: ScriptedWorker[] = []
  const create = (): Worker => {
    const worker = new ScriptedWorker()
    made.push(worker)
    return worker as unknown as Worker
  }
  return { pool: new WorkerPool(create, 1), made }
}

describe('a pool of workers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('ends the worker of the only digest at once: what it holds is as much as the upload itself', async () => {
    const { pool, made } = poolOfScripted()
    await pool.run('common', request, call)
    expect(made[0]?.isTerminated).toBe(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(made[0]?.isTerminated).toBe(true)
  })

  test('keeps the worker for what is asked for in the same turn', async () => {
    const { pool, made } = poolOfScripted()
    await pool.run('common', request, call)
    await pool.run('common', request, call)
    expect(made).toHaveLength(1)
  })

  test('keeps workers for a second once there was more than one digest', async () => {
    const { pool, made } = poolOfScripted()
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
})
