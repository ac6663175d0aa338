import type { PartInfo, PartStatus } from '../index.ts'

const colors: Readonly<Record<PartStatus, string>> = {
  stored: 'var(--_accent)',
  sending: 'var(--_sending)',
  waiting: 'var(--_waiting)',
}

/**
 * A CSS background that shows which parts of the file are stored, being sent or missing. Neighbours of the same status are
 * merged, so that ten thousand parts are a few stretches. Its colours follow the theme.
 */
export function partsMap(parts: readonly PartInfo[]): string {
  const stretches: { readonly status: PartStatus; until: number }[] = []
  let total = 0
  for (const { status, size } of parts) {
    total += size
    const last = stretches.at(-1)
    if (last?.status === status) last.until = total
    else stretches.push({ status, until: total })
  }
  let from = 0
  const stops = stretches.map(({ status, until }) => {
    const stop = `${colors[status]} ${percent(from, total)} ${percent(until, total)}`
    from = until
    return stop
  })
  return `linear-gradient(to right, ${stops.join(', ')})`
}

function percent(bytes: number, total: number): string {
  return `${((100 * bytes) / total).toFixed(3)}%`
}
