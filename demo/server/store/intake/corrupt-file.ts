import type { FileHandle } from 'node:fs/promises'

/** @returns The file's size afterwards. */
export async function corruptFile(
  file: FileHandle,
  size: number,
  how: 'flip-bit' | 'truncate',
): Promise<number> {
  if (size === 0) return 0
  if (how === 'flip-bit') await flipBit(file, Math.floor(size / 2))
  else await file.truncate(size - 1)
  return how === 'truncate' ? size - 1 : size
}

async function flipBit(file: FileHandle, position: number): Promise<void> {
  const byte = new Uint8Array(1)
  await file.read(byte, 0, 1, position)
  await file.write(
    byte.map((bits) => bits ^ 1),
    0,
    1,
    position,
  )
}
