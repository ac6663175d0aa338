import { expect, test, vi } from 'vitest'
import { Events } from '../src/events.ts'

test('a listener that another listener removes in the middle of an event is not called any more', () => {
  const events = new Events<{ state: string }>()
  const last = vi.fn()
  let undo = (): void => {}
  events.on('state', () => undo())
  undo = events.on('state', last)
  events.emit('state', 'done')
  expect(last).not.toHaveBeenCalled()
})
