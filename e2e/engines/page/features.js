/** Finds out what this browser has and does, for the table of docs/browsers.md. Everything is plain JSON. */

/** @param {() => unknown} attempt @returns {Promise<boolean>} */
async function works(attempt) {
  try {
    return (await attempt()) !== false
  } catch {
    return false
  }
}

/** Starts a worker that answers one message. @param {string} source @param {unknown} message @param {WorkerOptions} [options] */
function inWorker(source, message, options) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, options)
    worker.onmessage = ({ data }) => {
      worker.terminate()
      resolve(data)
    }
    worker.onerror = () => reject(new Error('the worker broke down'))
    worker.postMessage(message)
  })
}

/** How many bytes a BYOB reader finds in the blob, and whether they were all in one buffer. */
const byobWorker = `onmessage = async ({ data: blob }) => {
  const answer = { bytes: 0, pieces: 0, error: '' }
  try {
    const reader = blob.stream().getReader({ mode: 'byob' })
    let buffer = new ArrayBuffer(1024 * 1024)
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer))
      if (value !== undefined) buffer = value.buffer
      if (done) break
      answer.bytes += value.length
      answer.pieces += 1
    }
  } catch (error) {
    answer.error = error.name + ': ' + error.message
  }
  postMessage(answer)
}`

const originPrivateWorker = `onmessage = async () => {
  try {
    const root = await navigator.storage.getDirectory()
    const handle = await root.getFileHandle('probe', { create: true })
    await root.removeEntry('probe')
    postMessage(handle.kind === 'file')
  } catch {
    postMessage(false)
  }
}`

const echo = 'onmessage = ({ data }) => postMessage(data)'

/** @param {IDBTransactionDurability} durability */
async function isDurabilityKept(durability) {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('durability', 1)
    request.onupgradeneeded = () => request.result.createObjectStore('store')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const transaction = database.transaction('store', 'readwrite', { durability })
  const kept = transaction.durability === durability
  database.close()
  indexedDB.deleteDatabase('durability')
  return kept
}

function canStreamRequests() {
  let isAsked = false
  const request = new Request('/', {
    method: 'POST',
    body: new ReadableStream(),
    get duplex() {
      isAsked = true
      return 'half'
    },
  })
  // A browser that cannot stream makes text of the body ("[object ReadableStream]").
  return isAsked && !request.headers.has('content-type')
}

async function features() {
  const blob = new Blob([new Uint8Array(3_000_000)])
  const byob = await inWorker(byobWorker, blob).catch((error) => ({ error: String(error) }))
  return {
    'Web Locks': await works(() => navigator.locks.request('probe', () => true)),
    BroadcastChannel: 'BroadcastChannel' in globalThis,
    'IndexedDB: `durability`': await works(() => isDurabilityKept('strict')),
    '`navigator.storage.persist`': typeof navigator.storage?.persist === 'function',
    'module workers': await works(() => inWorker(echo, true, { type: 'module' })),
    'workers from a `blob:` URL': await works(() => inWorker(echo, true)),
    WebAssembly: await works(() => WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))),
    '`crypto.subtle`': typeof crypto.subtle?.digest === 'function',
    '`Blob.stream()`': typeof Blob.prototype.stream === 'function',
    'BYOB reader on `Blob.stream()`': byob.error === '' && byob.bytes === blob.size,
    'streams as request bodies (not used)': await works(canStreamRequests),
    '`FileSystemFileHandle`': 'FileSystemFileHandle' in globalThis,
    '`getAsFileSystemHandle` (drops)': 'getAsFileSystemHandle' in DataTransferItem.prototype,
    '`showOpenFilePicker`': 'showOpenFilePicker' in globalThis,
    'origin private file system': await works(() => inWorker(originPrivateWorker, null)),
    '`webkitGetAsEntry` (folders)': 'webkitGetAsEntry' in DataTransferItem.prototype,
    '`webkitdirectory`': 'webkitdirectory' in HTMLInputElement.prototype,
    '`navigator.onLine`': typeof navigator.onLine === 'boolean',
    '`scheduler.yield`': typeof globalThis.scheduler?.yield === 'function',
  }
}

/**
 * Sends the picked file by one XMLHttpRequest, and resolves to what the page saw of it.
 *
 * @param {string} url @param {number} timeout Milliseconds.
 */
function putPicked(url, timeout) {
  const [file] = /** @type {HTMLInputElement} */ (document.querySelector('#files')).files
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const seen = { events: 0, sent: 0, largestStep: 0, longestGap: 0 }
    let last = performance.now()
    request.open('PUT', url)
    request.timeout = timeout
    request.upload.onprogress = ({ loaded }) => {
      const now = performance.now()
      seen.events += 1
      seen.largestStep = Math.max(seen.largestStep, loaded - seen.sent)
      seen.longestGap = Math.max(seen.longestGap, now - last)
      seen.sent = loaded
      last = now
    }
    const tell = ({ type }) => resolve({ ...seen, outcome: type, status: request.status })
    for (const type of ['load', 'error', 'timeout', 'abort']) request.addEventListener(type, tell)
    request.send(file.slice())
  })
}

/** Reads the picked file. @returns Its first and last byte, or the name of the error. */
async function readPicked() {
  const [file] = /** @type {HTMLInputElement} */ (document.querySelector('#files')).files
  const read = (first) =>
    file
      .slice(first, first + 1)
      .arrayBuffer()
      .then(
        (bytes) => [...new Uint8Array(bytes)].join() || 'nothing',
        (error) => error.name,
      )
  return { first: await read(0), last: await read(file.size - 1), lastModified: file.lastModified }
}

/** Begins this many requests at once, without waiting for them. @param {string} url @param {number} count */
function beginMany(url, count) {
  const requests = Array.from({ length: count }, (_, index) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `${url}?${index}`)
    request.send(new Blob(['x']))
    return request
  })
  globalThis.endMany = () => {
    for (const request of requests) request.abort()
  }
}

/** Uses the Uploader's default hasher, so the digests come from its workers. */
async function digestPicked() {
  const [file] = /** @type {HTMLInputElement} */ (document.querySelector('#files')).files
  const hasher = globalThis.longhaul.workerHasher(
    (kind) => new Worker(kind === 'all' ? '/worker-all.js' : '/worker.js', { type: 'module' }),
  )
  const warnings = []
  const call = { signal: new AbortController().signal, onWarning: (text) => warnings.push(text) }
  const algorithms = [
    'md5',
    'sha1',
    'sha256',
    'crc32',
    'crc32c',
    'crc64nvme',
    'xxhash64',
    'xxhash3',
    'blake3',
  ]
  const digests = await hasher.digestAll(file, algorithms, call)
  if (warnings.length > 0) throw new Error(warnings.join())
  return digests
}

globalThis.engine = { features, putPicked, readPicked, beginMany, digestPicked }
