/** One polite live region for the whole page. It gathers what happens at about the same time. */
import { Listeners } from './listeners.ts'

/** Milliseconds: how long news is gathered, and how far apart two announcements are at least. */
const gathering = 1_000
const pause = 5_000
/** How much is told of one announcement. The rest is only counted. */
const most = 3

export const announcements = { changes: new Listeners(), text: '' }

let waiting: string[] = []
/** How many texts at the beginning cannot wait. */
let urgent = 0
let lastSpoken = Number.NEGATIVE_INFINITY

/** @param canWait All other texts come first, so that they are not among those that are only counted. */
export function announce(text: string | undefined, canWait = false): void {
  if (text === undefined) return
  if (waiting.length === 0) setTimeout(speak, Math.max(gathering, lastSpoken + pause - performance.now()))
  waiting.splice(canWait ? waiting.length : urgent++, 0, text)
}

function speak(): void {
  const rest = waiting.length - most
  announcements.text = [...waiting.slice(0, most), ...(rest > 0 ? [`and ${rest} more`] : [])].join('. ')
  waiting = []
  urgent = 0
  lastSpoken = performance.now()
  announcements.changes.notify()
}
