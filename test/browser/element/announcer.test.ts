import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Announcer } from '../../../src/element/announcer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('events of about the same time make one sentence, which names only some of the files', () => {
  const announcer = new Announcer()
  for (const name of ['a', 'b', 'c', 'd', 'e']) announcer.say(`${name}: Done`, true)
  vi.advanceTimersByTime(500)
  expect(announcer.element.textContent).toBe('a: Done. b: Done. c: Done. +2')
})

test('a failure among a thousand files is named, not only counted', () => {
  const announcer = new Announcer()
  for (let index = 0; index < 1_000; index++) {
    if (index === 600) announcer.say('bad: Failed')
    if (index === 700) announcer.say('worse: Failed')
    announcer.say(`${index}: Done`, true)
  }
  vi.advanceTimersByTime(500)
  expect(announcer.element.textContent).toBe('bad: Failed. worse: Failed. 0: Done. +999')
  announcer.say('a: Done', true)
  announcer.say('b: Failed')
  vi.advanceTimersByTime(5_000)
  expect(announcer.element.textContent).toBe('b: Failed. a: Done')
})

test('files that end one after the other for a minute are announced every few seconds, to the last', () => {
  const announcer = new Announcer()
  const said = new Set<string>()
  for (let second = 1; second <= 60; second++) {
    announcer.say(`${second}: Done`, true)
    vi.advanceTimersByTime(1_000)
    said.add(announcer.element.textContent)
  }
  vi.advanceTimersByTime(5_000)
  said.add(announcer.element.textContent)
  expect(said.size).toBeGreaterThanOrEqual(12)
  expect(said.size).toBeLessThanOrEqual(14)
  // No file is lost: those that are not named are counted.
  const told = [...said].map((text) => text.split('. ').map((one) => (one.startsWith('+') ? Number(one) : 1)))
  expect(told.flat().reduce((sum, count) => sum + count, 0)).toBe(60)
})
