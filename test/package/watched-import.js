/**
 * Imports a module where every global of a browser is a trap, and prints which of them it has touched and which it has
 * left behind. In a process of its own, or in a worker of one.
 *
 *     node watched-import.js FILE [worker]
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const traps = [
  ...[
    'window',
    'self',
    'document',
    'navigator',
    'location',
    'indexedDB',
    'localStorage',
    'sessionStorage',
    'caches',
  ],
  ...[
    'customElements',
    'HTMLElement',
    'XMLHttpRequest',
    'fetch',
    'Worker',
    'BroadcastChannel',
    'crypto',
    'WebAssembly',
  ],
  ...[
    'addEventListener',
    'postMessage',
    'setTimeout',
    'setInterval',
    'queueMicrotask',
    'requestAnimationFrame',
  ],
]

/** @param {string} file */
async function watch(file) {
  /** @type {string[]} */
  const touched = []
  const kept = traps.map(
    (name) => /** @type {const} */ ([name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  )
  for (const name of traps)
    Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) })
  const before = Object.getOwnPropertyNames(globalThis)
  await import(file)
  const left = Object.getOwnPropertyNames(globalThis).filter((name) => !before.includes(name))
  for (const [name, descriptor] of kept) {
    Reflect.deleteProperty(globalThis, name)
    if (descriptor) Object.defineProperty(globalThis, name, descriptor)
  }
  return { touched, left }
}

const [file = '', place] = process.argv.slice(2)

if (!isMainThread) parentPort?.postMessage(await watch(workerData))
else if (place === 'worker') new Worker(new URL(import.meta.url), { workerData: file }).on('message', print)
else print(await watch(file))

/** @param {unknown} seen */
function print(seen) {
  process.stdout.write(JSON.stringify(seen))
}
