/**
 * Bytes that are written and digested at once. With fewer, the messages between the threads cost more than the bytes.
 */
export const slabSize = 1024 * 1024
const mostIdle = 64

/**
 * Memory that the store's threads share. Arriving bytes are copied into it once, and written and digested from it at
 * the same time.
 */
export class SlabPool {
  readonly #idle: SharedArrayBuffer[] = []

  take(): SharedArrayBuffer {
    return this.#idle.pop() ?? new SharedArrayBuffer(slabSize)
  }

  giveBack(slab: SharedArrayBuffer): void {
    if (this.#idle.length < mostIdle) this.#idle.push(slab)
  }
}
