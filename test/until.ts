import { vi } from 'vitest'

/**
 * Waits for what has to come, such as an upload that pauses. How long that takes is the machine's matter: twenty
 * seconds are for a test that hangs, and not a bound on anything.
 */
export function until(assertion: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(assertion, { timeout: 20_000 })
}
