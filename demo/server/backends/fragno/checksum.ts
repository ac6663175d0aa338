import { createHash } from 'node:crypto'
import { readObject, readText } from '../contract.ts'
import { readOneOf } from '../contract-values.ts'
import { FragnoError } from './errors.ts'

const sizes = { sha256: 32, md5: 16 } as const

export type Checksum = { readonly algo: keyof typeof sizes; readonly value: string }

/** Accepts hex and base64, and keeps the value as it came. */
export function readChecksum(value: unknown, name: string): Checksum {
  const fields = readObject(value, name, ['algo', 'value'])
  const algo = readOneOf(fields['algo'], `${name}.algo`, ['sha256', 'md5'])
  const checksum = { algo, value: readText(fields['value'], `${name}.value`) }
  checksumBytes(checksum)
  return checksum
}

export function checksumBytes({ algo, value }: Checksum): Buffer {
  const size = sizes[algo]
  const isHex = value.length === size * 2
  const bytes = Buffer.from(value, isHex ? 'hex' : 'base64')
  // Node skips characters that are neither.
  const whole = isHex ? bytes.length === size : bytes.toString('base64') === value
  if (whole && bytes.length === size) return bytes
  throw new FragnoError(
    'INVALID_CHECKSUM',
    `Expected ${size} bytes of ${algo} in hex or base64, got "${value}"`,
  )
}

/** Reads the whole content. */
export async function verifyChecksum(checksum: Checksum, content: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash(checksum.algo)
  for await (const chunk of content) hash.update(chunk)
  const digest = hash.digest()
  if (digest.equals(checksumBytes(checksum))) return
  throw new FragnoError(
    'INVALID_CHECKSUM',
    `Expected the ${checksum.algo} ${checksum.value}, got ${digest.toString('hex')}`,
  )
}
