/** One polite live region for the whole page, which gathers what happens at about the same time. */
import { Listeners } from './listeners.ts'

/** Milliseconds: from the first thing to say until it is said, and at least between two announcements. */
const gathering = 1_000
const pause = 5_000
/** How many are named. */
const most = 3

export const announcements = { changes: new Listeners(), text: '' }

let waiting: string[] = []
let lastSpoken = Number.NEGATIVE_INFINITY

export function announce(text: string | undefined): void {
  if (text === undefined) return
  if (waiting.length === 0) setTimeout(speak, Math.max(gathering, lastSpoken + pause - performance.now()))
  waiting.push(text)
}

function speak(): void {
  const rest = waiting.length - most
  announcements.text = [...waiting.slice(0, most), ...(rest > 0 ? [`and ${rest} more`] : [])].join('. ')
  waiting = []
  lastSpoken = performance.now()
  announcements.changes.notify()
}
