/** xxHash64 without WebAssembly, at about ten megabytes a second, for pages whose policy leaves nothing else. */
import type { Digest } from './digest.ts'

// As in the xxHash specification (doc/xxhash_spec.md, "XXH64 Algorithm Description").
const prime1 = 0x9e3779b185ebca87n
const prime2 = 0xc2b2ae3d27d4eb4fn
const prime3 = 0x165667b19e3779f9n
const prime4 = 0x85ebca77c2b2ae63n
const prime5 = 0x27d4eb2f165667c5n
const stripe = 32

export class PlainXxHash64 implements Digest {
  readonly #lanes = [cut(prime1 + prime2), prime2, 0n, cut(-prime1)]
  readonly #rest = new Uint8Array(stripe)
  #length = 0

  update(bytes: Uint8Array): void {
    let position = 0
    while (position < bytes.length) {
      const filled = this.#length % stripe
      const some = bytes.subarray(position, position + stripe - filled)
      this.#rest.set(some, filled)
      position += some.length
      this.#length += some.length
      if (this.#length % stripe === 0) this.#mix()
    }
  }

  digest(): string {
    const [a = 0n, b = 0n, c = 0n, d = 0n] = this.#lanes
    let hash = prime5
    if (this.#length >= stripe) {
      hash = cut(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n))
      for (const lane of this.#lanes) hash = cut((hash ^ round(0n, lane)) * prime1 + prime4)
    }
    hash = this.#withRest(cut(hash + BigInt(this.#length)))
    hash = cut((hash ^ (hash >> 33n)) * prime2)
    hash = cut((hash ^ (hash >> 29n)) * prime3)
    return (hash ^ (hash >> 32n)).toString(16).padStart(16, '0')
  }

  #mix(): void {
    const view = new DataView(this.#rest.buffer)
    for (let lane = 0; lane < 4; lane++)
      this.#lanes[lane] = round(this.#lanes[lane] ?? 0n, view.getBigUint64(lane * 8, true))
  }

  /** Eight bytes at a time, then four, then each. */
  #withRest(start: bigint): bigint {
    const view = new DataView(this.#rest.buffer)
    const end = this.#length % stripe
    let [hash, position] = [start, 0]
    for (; position + 8 <= end; position += 8)
      hash = cut(rotate(hash ^ round(0n, view.getBigUint64(position, true)), 27n) * prime1 + prime4)
    for (; position + 4 <= end; position += 4)
      hash = cut(rotate(hash ^ cut(BigInt(view.getUint32(position, true)) * prime1), 23n) * prime2 + prime3)
    for (; position < end; position++)
      hash = cut(rotate(hash ^ cut(BigInt(view.getUint8(position)) * prime5), 11n) * prime1)
    return hash
  }
}

function round(lane: bigint, input: bigint): bigint {
  return cut(rotate(cut(lane + input * prime2), 31n) * prime1)
}

function rotate(value: bigint, bits: bigint): bigint {
  return cut((value << bits) | (value >> (64n - bits)))
}

/** To 64 bits. */
function cut(value: bigint): bigint {
  return BigInt.asUintN(64, value)
}
