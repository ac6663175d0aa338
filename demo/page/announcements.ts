/** One polite live region for the whole page, which gathers what happens at about the same time. */
import { Listeners } from './listeners.ts'

/** Milliseconds: from the first thing to say until it is said, and at least between two announcements. */
const gathering = 1_000
const pause = 5_000
/** How many are named. */
const most = 3

export const announcements = { changes: new Listeners(), text: '' }

let waiting: string[] = []
/** So many of them, at their beginning, cannot wait. */
let urgent = 0
let lastSpoken = Number.NEGATIVE_INFINITY

/** @param canWait What else there is to say comes first, lest it be among those that are only counted. */
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
