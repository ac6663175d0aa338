import { afterEach, describe, expect, test, vi } from 'vitest'
import { serveUploader } from '../../src/remote/index.ts'
import { Link } from '../../src/remote/link.ts'
import { flush } from '../fakes/clock.ts'
import { rig } from '../fakes/uploader.ts'
import { fakeWorker } from '../fakes/worker.ts'

/** A page's end of the line, what its worker hears, and what the worker says. */
function line() {
  const { worker, scope } = fakeWorker()
  const heard: unknown[] = []
  scope.addEventListener('message', (event) => heard.push((event as MessageEvent).data.longhaul))
  const totals: unknown[] = []
  const link = new Link(worker, (news) => totals.push(news))
  const say = (longhaul: unknown): void => scope.postMessage({ longhaul })
  const fail = (message: string): boolean =>
    worker.dispatchEvent(Object.assign(new Event('error'), { message }))
  return { link, worker, heard, totals, say, fail }
}

const error = { name: 'Error', message: 'no', details: {} }

afterEach(() => void vi.unstubAllGlobals())

describe("the page's end of the line", () => {
  test('asks whether anybody is there, and gives each answer to whoever asked', async () => {
    const { link, heard, say } = line()
    const asked = [link.ask({ type: 'interrupted' }), link.ask({ type: 'stop' })]
    await flush()
    expect(heard).toEqual([{ type: 'hello' }, { type: 'interrupted', ask: 1 }, { type: 'stop', ask: 2 }])
    say({ type: 'refused', ask: 2, error })
    say({ type: 'answer', ask: 1, value: 'yes' })
    // The answer to no question, and to one that was answered already.
    say({ type: 'answer', ask: 7, value: 'odd' })
    say({ type: 'refused', ask: 1, error })
    expect(await Promise.allSettled(asked)).toMatchObject([{ value: 'yes' }, { reason: { message: 'no' } }])
  })

  test("passes the worker's events to their upload, as long as that exists", async () => {
    const { link, totals, say, worker } = line()
    const [hear, lose, other] = [vi.fn(), vi.fn(), vi.fn()]
    link.join(1, { hear, lose })
    link.join(2, { hear: other, lose: other })
    const [first, end] = [
      { type: 'state', id: 1, state: { status: 'opening' } },
      { type: 'end', id: 1 },
    ]
    say(first)
    say({ type: 'totals', totals: 't' })
    await flush()
    expect([hear.mock.calls, totals]).toEqual([[[first]], [{ type: 'totals', totals: 't' }]])
    say({ type: 'gone', id: 1, error })
    say(end)
    link.leave(2)
    say({ type: 'end', id: 2 })
    say({ type: 'gone', id: 3, error })
    // The application's own message.
    for (const data of [undefined, null, 'hello', {}])
      worker.dispatchEvent(new MessageEvent('message', { data }))
    await flush()
    expect([hear.mock.calls.length, lose.mock.calls.length, other.mock.calls.length]).toEqual([1, 1, 0])
    expect(lose.mock.calls[0]?.[0]).toMatchObject({ message: 'no' })
  })

  test('closes once, for pending and new questions, and for uploads that have joined or join later', async () => {
    const { link, worker, totals } = line()
    const [lose, late] = [vi.fn(), vi.fn()]
    const terminate = vi.spyOn(worker, 'terminate')
    const asked = Promise.allSettled([link.ask({ type: 'interrupted' })])
    link.join(1, { hear: vi.fn(), lose })
    expect(link.isDead).toBe(false)
    link.close('closed')
    link.close('again')
    expect([link.isDead, terminate.mock.calls.length, lose.mock.calls.length]).toEqual([true, 1, 1])
    link.join(1, { hear: vi.fn(), lose: late })
    // A message sent before, which arrives only now.
    worker.dispatchEvent(new MessageEvent('message', { data: { longhaul: { type: 'totals' } } }))
    expect(totals).toEqual([])
    // Not together with those that join later.
    expect(late).not.toHaveBeenCalled()
    await vi.waitFor(() => expect(late).toHaveBeenCalledTimes(1))
    const closed = { status: 'rejected', reason: { code: 'unexpected', message: 'closed', retryable: true } }
    const asking = Promise.allSettled([link.ask({ type: 'stop' })])
    expect([await asked, await asking]).toMatchObject([[closed], [closed]])
  })

  test('closes if the worker cannot be started, with or without a message, but not at an error after the worker has served', async () => {
    const [one, silent, serving] = [line(), line(), line()]
    const because = ({ link }: typeof one): Promise<unknown> =>
      link.ask({ type: 'stop' }).catch(({ message }) => message)
    one.fail('404')
    silent.fail('')
    expect([await because(one), await because(silent)]).toEqual([
      'the worker could not be started: 404',
      'the worker could not be started',
    ])
    serving.say({ type: 'ready' })
    await flush()
    serving.fail('some code')
    expect(serving.link.isDead).toBe(false)
  })

  test('tells the worker when the page is shown again, which the worker cannot notice itself, but not when it is hidden', async () => {
    const page = new EventTarget()
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    const document = { visibilityState: 'visible' }
    vi.stubGlobal('document', document)
    const { link, heard, worker: own } = line()
    await flush()
    const shown = async (type: string, visibilityState: string): Promise<unknown[]> => {
      heard.length = 0
      document.visibilityState = visibilityState
      page.dispatchEvent(new Event(type))
      await flush()
      return [...heard]
    }
    const wake = [{ type: 'wake' }]
    expect(await shown('visibilitychange', 'visible')).toEqual(wake)
    expect(await shown('visibilitychange', 'hidden')).toEqual([])
    expect(await shown('pageshow', 'visible')).toEqual(wake)
    vi.stubGlobal('document', undefined)
    expect(await shown('pageshow', 'visible')).toEqual(wake)
    const { worker } = line()
    const posts = [own, worker].map((one) => vi.spyOn(one, 'postMessage'))
    link.close('closed')
    page.dispatchEvent(new Event('pageshow'))
    expect(posts.map(({ mock }) => mock.calls.length)).toEqual([0, 1])
  })
})

test('a worker reacts to the page being shown again as a page does, by ending its wait for the network', async () => {
  const inWorker = new EventTarget()
  vi.stubGlobal('dispatchEvent', inWorker.dispatchEvent.bind(inWorker))
  const shown = vi.fn()
  inWorker.addEventListener('pageshow', shown)
  const { worker, scope } = fakeWorker()
  const off = serveUploader(rig().uploader, scope)
  new Link(worker, () => {}).order({ type: 'wake' })
  await flush()
  expect(shown).toHaveBeenCalledTimes(1)
  off()
})
