/** Pure: computes the whole file's checksums from those that its receipts keep. */
import { combineCrcs } from './crc-combine.ts'
import { parts } from './layout.ts'
import type { Checksums, CrcAlgorithm, Layout, PartReceipt } from './ports.ts'

/** The receipts that lack one of the checksums, so that their parts have to be read again. */
export function lacking(
  algorithms: readonly CrcAlgorithm[],
  receipts: Iterable<PartReceipt>,
): readonly PartReceipt[] {
  return [...receipts].filter((receipt) => algorithms.some((algorithm) => receipt[algorithm] === undefined))
}

/** The whole file's checksums, as far as every part has them. */
export function wholeChecksums(
  algorithms: readonly CrcAlgorithm[],
  layout: Layout,
  receipts: ReadonlyMap<number, PartReceipt>,
): Checksums {
  // In the order of the file, which need not be the order of the numbers.
  const inOrder = [...parts(layout)].flatMap(({ number }) => receipts.get(number) ?? [])
  const complete = algorithms.filter((algorithm) => lacking([algorithm], inOrder).length === 0)
  return Object.fromEntries(
    complete.map((algorithm) => {
      const pieces = inOrder.map((receipt) => ({ crc: receipt[algorithm] ?? '', size: receipt.size }))
      return [algorithm, combineCrcs(algorithm, pieces)]
    }),
  )
}
