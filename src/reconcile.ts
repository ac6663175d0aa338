/** Pure: what counts as stored, when a run goes on with what an earlier one has left. */
import { fits } from './layout.ts'
import type { Layout, ListedPart, PartReceipt } from './ports.ts'

/**
 * The receipts that count: those of the checkpoint that fit the layout by number and size and, where the server has a
 * list, that it confirms. What only the server has counts too, if it fits. A part that the server holds under another
 * ETag than ours was overwritten by somebody, so it is sent again.
 *
 * @param listed Every part that the server has; `undefined` where it has no list.
 */
export function reconcile(
  layout: Layout,
  receipts: readonly PartReceipt[],
  listed: readonly ListedPart[] | undefined,
): ReadonlyMap<number, PartReceipt> {
  const ours = new Map(
    receipts.filter((receipt) => fits(layout, receipt)).map((receipt) => [receipt.number, receipt]),
  )
  if (listed === undefined) return ours
  const confirmed = listed
    .filter((part) => fits(layout, part))
    .map((part) => [part, ours.get(part.number)] as const)
    .filter(([part, receipt]) => receipt === undefined || sameEtag(part.etag, receipt.etag))
    .map(([{ number, size, etag }, receipt]) => [number, receipt ?? { number, size, etag }] as const)
  return new Map(confirmed)
}

/** Some servers list ETags without their quotes. */
function sameEtag(a: string, b: string): boolean {
  return a.replaceAll('"', '') === b.replaceAll('"', '')
}
