import { describe, expect, test, vi } from 'vitest'
import { Pulse } from '../src/pulse.ts'
import { FakeClock } from './fakes/clock.ts'

function rig(): { clock: FakeClock; pulse: Pulse; told: string[]; tell(name: string): () => void } {
  const clock = new FakeClock()
  const told: string[] = []
  return { clock, pulse: new Pulse(clock), told, tell: (name) => () => told.push(name) }
}

describe('the beat', () => {
  test('reports changes within a tick, once however often they came, and leaves no timer', async () => {
    const { clock, pulse, told, tell } = rig()
    const [one, two] = [tell('one'), tell('two')]
    pulse.touch(one)
    pulse.touch(two)
    pulse.touch(one)
    await clock.advance(99)
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual(['one', 'two'])
    expect(clock.sleeping).toBe(0)
  })

  test('asks its sources first, so that their changes are reported in the same beat', async () => {
    const { clock, pulse, told, tell } = rig()
    const progress = tell('progress')
    const undo = pulse.ask(() => {
      told.push('asked')
      pulse.touch(progress)
    })
    await clock.advance(200)
    expect(told).toEqual(['asked', 'progress', 'asked', 'progress'])
    undo()
    expect(clock.sleeping).toBe(0)
  })

  test('keeps asking while there is a source, even if nothing has moved for a while', async () => {
    const { clock, pulse, told, tell } = rig()
    const progress = tell('progress')
    let asked = 0
    const undo = pulse.ask(() => {
      asked += 1
      if (asked === 3) pulse.touch(progress)
    })
    await clock.advance(500)
    expect([asked, told]).toEqual([5, ['progress']])
    undo()
  })

  test('is set again by an event if its timer is late, as in a background page', async () => {
    const { clock, pulse, told, tell } = rig()
    const sleep = vi.spyOn(clock, 'sleep')
    pulse.go()
    expect(sleep).not.toHaveBeenCalled()
    pulse.touch(tell('one'))
    // Its timer does not fire.
    clock.jump(999)
    pulse.go()
    expect(sleep).toHaveBeenCalledTimes(1)
    clock.jump(1)
    pulse.go()
    expect([sleep.mock.calls.length, clock.sleeping]).toEqual([2, 1])
    await clock.advance(100)
    expect([told, clock.sleeping]).toEqual([['one'], 0])
  })

  test('reports the others if one is dropped', async () => {
    const { clock, pulse, told, tell } = rig()
    const dropped = tell('dropped')
    pulse.touch(dropped)
    pulse.touch(tell('other'))
    pulse.drop(dropped)
    await clock.advance(100)
    expect(told).toEqual(['other'])
    const undo = pulse.ask(() => {})
    pulse.touch(tell('beside a source'))
    pulse.drop(dropped)
    await clock.advance(100)
    expect(told).toEqual(['other', 'beside a source'])
    undo()
  })

  test('asks at once on look()', () => {
    const { pulse, told } = rig()
    pulse.ask(() => told.push('asked'))()
    pulse.look()
    expect(told).toEqual([])
    pulse.ask(() => told.push('asked'))
    pulse.look()
    expect(told).toEqual(['asked'])
  })

  test('does not report what was dropped, even by a listener that was called just before it', async () => {
    const { clock, pulse, told, tell } = rig()
    const dropped = tell('dropped')
    pulse.touch(() => pulse.drop(dropped))
    pulse.touch(dropped)
    await clock.advance(100)
    const alone = tell('alone')
    pulse.touch(alone)
    pulse.drop(alone)
    expect(clock.sleeping).toBe(0)
    await clock.advance(500)
    expect(told).toEqual([])
  })

  test('reports changes made during a report in the next beat', async () => {
    const { clock, pulse, told } = rig()
    const again = (): void => {
      told.push('again')
      if (told.length < 3) pulse.touch(again)
    }
    pulse.touch(again)
    await clock.advance(100)
    expect(told).toEqual(['again'])
    await clock.advance(1_000)
    expect(told).toEqual(['again', 'again', 'again'])
  })
})
