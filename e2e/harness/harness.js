/**
 * The page that the end-to-end tests drive: the script-tag build against the demo's backend. Everything that it gives to a
 * test is plain JSON.
 */
import { backendUnderTest } from './backends.js'

const { droppedFiles, Uploader } = globalThis.longhaul

const { backend, refreshes, secrets, options } = await backendUnderTest()

const uploader = new Uploader({
  backend,
  retry: { baseDelay: 100 },
  // Tests act in the middle of a file. With six parts at once, a file of eight parts has no middle: all parts have begun when
  // the first are stored.
  concurrency: 3,
  ...options,
  // A test can set other options before it opens the page.
  ...globalThis.uploaderOptions,
})

/** @type {Map<number, { upload: any, outcome: Promise<unknown>, seen: any }>} */
const uploads = new Map()

/** @param {number} index */
function start(index) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector('#files'))
  watch(index, uploader.uploadFile(input.files[index]))
}

/** @param {number} index @param {any} upload */
function watch(index, upload) {
  const seen = { states: [upload.state.status], confirmed: [], hashed: [], stored: [], warnings: [] }
  upload.on('state', ({ status }) => seen.states.push(status))
  upload.on('progress', ({ confirmed }) => seen.confirmed.push(confirmed))
  upload.on('hashing', ({ hashed }) => seen.hashed.push(hashed))
  upload.on('part', ({ number, status }) => {
    if (status !== 'stored') return
    seen.stored.push(number)
    // Tests that kill the browser define this. They learn of answers that the page has seen for 100 ms, by its own clock.
    if (globalThis.partSeen) setTimeout(globalThis.partSeen, 100, number)
  })
  upload.on('warning', ({ code }) => seen.warnings.push(code))
  const outcome = upload.then(
    (result) => ({ result }),
    (error) => ({ error: { name: error.name, code: error.code, message: error.message } }),
  )
  uploads.set(index, { upload, outcome, seen })
}

document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', async (event) => {
  event.preventDefault()
  const [{ file, handle }] = await droppedFiles(event.dataTransfer)
  watch(0, uploader.uploadFile(file, { handle }))
})

// The entries are loaded before the click, because the browser asks for the permission only during the click's own turn.
let left = []
document.querySelector('#go-on')?.addEventListener('click', () => watch(0, left[0].resume()))

/** Every key and every record of the database. @param {string} name */
async function contentOf(name) {
  const database = await result(indexedDB.open(name))
  const stores = [...database.objectStoreNames].map(async (store) => {
    const records = database.transaction(store).objectStore(store)
    return [store, await Promise.all([result(records.getAllKeys()), result(records.getAll())])]
  })
  const content = [name, await Promise.all(stores)]
  database.close()
  return content
}

/** @param {IDBRequest} request @returns {Promise<any>} */
function result(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

globalThis.harness = {
  start,
  /** How the upload ended, and what was seen on the way. @param {number} index */
  async end(index) {
    const { outcome, seen } = uploads.get(index)
    return { ...(await outcome), ...seen }
  },
  /** @param {number} index */
  look(index) {
    const { upload, seen } = uploads.get(index)
    return {
      status: upload.state.status,
      reason: upload.state.reason,
      progress: upload.progress,
      parts: upload.parts(),
      ...seen,
    }
  },
  /** @param {number} index @param {{ finishParts?: boolean }} [options] */
  pause: (index, options) => uploads.get(index).upload.pause(options),
  /** @param {number} index */
  restart: (index) => uploads.get(index).upload.restart(),
  /** @param {number} index */
  resume: (index) => uploads.get(index).upload.resume(),
  /** @param {number} index */
  cancel: (index) => uploads.get(index).upload.cancel(),
  refreshes,
  secrets,
  /** Everything that the browser keeps of this origin for the next visit or shows to other tabs, as text. */
  async kept() {
    const databases = await Promise.all((await indexedDB.databases()).map(({ name }) => contentOf(name)))
    const { held } = await navigator.locks.query()
    const { localStorage, sessionStorage } = globalThis
    return JSON.stringify({
      databases,
      localStorage: { ...localStorage },
      sessionStorage: { ...sessionStorage },
      caches: await caches.keys(),
      locks: held.map(({ name }) => name),
      left: [window.name, document.title, location.href, history.state],
    })
  },
  diagnose: () => uploader.diagnose(),
  /** Uploads `count` files of `size` bytes each, made in the page. @param {number} count @param {number} size */
  async uploadMany(count, size) {
    const content = new Uint8Array(size).map((_, index) => index % 251)
    const files = Array.from({ length: count }, (_, index) => new File([content], `many-${index}`))
    const results = await Promise.all(await uploader.uploadFiles(files))
    return {
      results: results.map(({ key, size: bytes }) => ({ key, size: bytes })),
      progress: uploader.progress,
    }
  },
  running: () => uploader.uploads.length,
  async interrupted() {
    left = await uploader.interrupted()
    return left.map(({ identity, confirmed, needsFile }) => ({ identity, confirmed, needsFile }))
  },
}
