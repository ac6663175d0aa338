import { expect, test, vi } from 'vitest'
import { Events } from '../src/events.ts'

test('a listener that another one has undone is not called any more, in the middle of an event either', () => {
  const events = new Events<{ state: string }>()
  const last = vi.fn()
  let undo = (): void => {}
  events.on('state', () => undo())
  undo = events.on('state', last)
  events.emit('state', 'done')
  expect(last).not.toHaveBeenCalled()
})
