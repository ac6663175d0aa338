import { expect, test } from 'vitest'
import { Cdp } from '../../bench/cdp.ts'

/** The part of a WebSocket that the client uses. */
class FakeSocket {
  onmessage: (event: { readonly data: string }) => void = () => {}
  onclose: () => void = () => {}
  readonly sent: string[] = []

  send(text: string): void {
    this.sent.push(text)
  }

  receive(message: unknown): void {
    this.onmessage({ data: JSON.stringify(message) })
  }
}

function start(): { readonly socket: FakeSocket; readonly cdp: Cdp } {
  const socket = new FakeSocket()
  return { socket, cdp: new Cdp(socket as unknown as WebSocket) }
}

test('answers are matched to their calls, in whatever order they come', async () => {
  const { socket, cdp } = start()
  const calls = [cdp.send('A'), cdp.send('B', { x: 1 }, 'S')]
  expect(socket.sent.map((text) => JSON.parse(text))).toEqual([
    { id: 1, method: 'A', params: {} },
    { id: 2, method: 'B', params: { x: 1 }, sessionId: 'S' },
  ])
  socket.receive({ id: 2, result: { of: 'B' } })
  socket.receive({ id: 1, result: { of: 'A' } })
  expect(await Promise.all(calls)).toEqual([{ of: 'A' }, { of: 'B' }])
})

test("a refused command rejects with the browser's message", async () => {
  const { socket, cdp } = start()
  const call = cdp.send('A')
  socket.receive({ id: 1, error: { message: 'not so' } })
  await expect(call).rejects.toThrow('not so')
})

test('an event is waited for in its own session', async () => {
  const { socket, cdp } = start()
  const loaded = cdp.once('Page.loadEventFired', 'S')
  socket.receive({ method: 'Page.loadEventFired', sessionId: 'another', params: { at: 1 } })
  socket.receive({ method: 'Page.loadEventFired', sessionId: 'S', params: { at: 2 } })
  expect(await loaded).toEqual({ at: 2 })
})

test('a browser that goes away rejects all pending calls', async () => {
  const { socket, cdp } = start()
  const waiting = Promise.allSettled([cdp.send('A'), cdp.once('Page.loadEventFired', 'S')])
  socket.onclose()
  expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test.each(['Network.enable', 'Fetch.enable', 'Tracing.start'])(
  '%s is never sent, because it changes the times',
  (method) => {
    const { socket, cdp } = start()
    expect(() => cdp.send(method)).toThrow(TypeError)
    expect(socket.sent).toEqual([])
  },
)
