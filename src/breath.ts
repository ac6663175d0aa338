/**
 * Lets the page do something else in the middle of much work. Uses a message, because the timers of a background page
 * fire once a second, and after a while once a minute.
 */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    // Jest's jsdom has none.
    if (!globalThis.MessageChannel) return resolve()
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(port1.close())
    port2.postMessage(0)
  })
}
