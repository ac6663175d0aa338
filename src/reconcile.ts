/** Pure: which parts count as stored when a run goes on with what an earlier one has left. */
import { fits } from './layout.ts'
import type { Layout, ListedPart, PartReceipt, Reopened } from './ports.ts'

type Receipts = ReadonlyMap<number, PartReceipt>

/**
 * The receipts that count. A receipt of the checkpoint counts if it fits the layout by number and size and, if the
 * storage has a list, the list confirms it. A part that only the server has counts too, if it fits. A part that the
 * storage holds under another ETag than ours was overwritten by somebody, so it is sent again.
 *
 * @param reopened What the server has; `undefined` if it has no list.
 */
export function reconcile(
  layout: Layout,
  receipts: readonly PartReceipt[],
  reopened: Reopened | undefined,
): Receipts {
  const ours = new Map(
    receipts.filter((receipt) => fits(layout, receipt)).map((receipt) => [receipt.number, receipt]),
  )
  if (reopened === undefined) return ours
  const listed = reopened.parts.filter((part) => fits(layout, part))
  return reopened.source === 'storage' ? confirmed(ours, listed) : together(ours, listed)
}

function confirmed(ours: Receipts, listed: readonly ListedPart[]): Receipts {
  const pairs = listed
    .map((part) => [part, ours.get(part.number)] as const)
    .filter(([{ etag }, receipt]) => receipt === undefined || isSame(etag, receipt.etag))
    .map(([part, receipt]) => [part.number, receipt ?? receiptOf(part)] as const)
  return new Map(pairs)
}

/**
 * A server's record may lack parts that were stored when the page died, and its ETag may be of an earlier attempt than
 * ours.
 */
function together(ours: Receipts, listed: readonly ListedPart[]): Receipts {
  return new Map([...listed.map((part) => [part.number, receiptOf(part)] as const), ...ours])
}

function receiptOf({ number, size, etag = '' }: ListedPart): PartReceipt {
  return { number, size, etag }
}

/** Some servers list ETags without quotes, and some storages show none for what they have stored. */
function isSame(listed: string | undefined, etag: string): boolean {
  return listed === undefined || etag === '' || listed.replaceAll('"', '') === etag.replaceAll('"', '')
}
