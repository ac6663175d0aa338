/** Lets the page do something else, in the middle of much work. By a message: the timers of a page in the background come once a second, and once a minute after a while. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    // As in Jest's jsdom.
    if (!globalThis.MessageChannel) return resolve()
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(port1.close())
    port2.postMessage(0)
  })
}
