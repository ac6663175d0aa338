/** Pure: sizes as people write them. */

const mebibyte = 1024 ** 2

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kib: 1024,
  mib: mebibyte,
  gib: 1024 ** 3,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
}

/** @returns Bytes; `undefined` if it is no size, or not a whole number of bytes. */
export function parseSize(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  if (number === '' || factor === undefined) return undefined
  const bytes = Number(number) * factor
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

export function formatSize(bytes: number): string {
  if (bytes < mebibyte) return `${bytes} bytes`
  return `${Number((bytes / mebibyte).toFixed(1))} MiB`
}
