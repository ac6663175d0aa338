/** One polite live region for the whole page, which gathers what happens at about the same time. */
import { Listeners } from './listeners.ts'

/** Milliseconds. */
const gathering = 1_000
const most = 3

export const announcements = { changes: new Listeners(), text: '' }

let waiting: string[] = []

export function announce(text: string | undefined): void {
  if (text === undefined) return
  if (waiting.length === 0) setTimeout(speak, gathering)
  waiting.push(text)
}

function speak(): void {
  const rest = waiting.length - most
  announcements.text = [...waiting.slice(0, most), ...(rest > 0 ? [`and ${rest} more`] : [])].join('. ')
  waiting = []
  announcements.changes.notify()
}
