/** The page of docs/recordings.md, with a moving picture in place of a camera, and functions that tests run in it. */
import type { record, sendAll } from '../docs/examples/recordings.ts'
import type { Application } from './document-site.ts'

declare global {
  var recordings: {
    readonly record: typeof record
    readonly sendAll: typeof sendAll
    readonly states: () => string[]
    readonly resumeAll: () => void
  }
  var stopRecording: () => void
  /** Of the stored recordings. */
  var keys: string[]
  /** Why recordings ended by themselves. */
  var failures: string[]
}

export const application: Application = {
  html: '<canvas width="320" height="240"></canvas><script type="module" src="/page.js"></script>',
  scripts: {
    '/page.js': {
      code: `
        import { record, sendAll, uploader } from './docs/examples/recordings.ts'
        const states = () => uploader.uploads.map(({ state }) => state.status)
        const resumeAll = () => uploader.uploads.forEach((upload) => upload.resume())
        globalThis.recordings = { record, sendAll, states, resumeAll }
        globalThis.keys = []
        globalThis.failures = []
        uploader.on('upload', (upload) => upload.then(({ key }) => keys.push(key), () => {}))`,
    },
    '/recording-worker.ts': { module: 'docs/examples/recording-worker.ts' },
  },
}

/** Records a moving picture, since there is no camera. The functions from here on run in the page. */
export function beginRecording(): void {
  const canvas = document.querySelector('canvas')
  const context = canvas?.getContext('2d')
  if (!canvas || !context) throw new Error('no canvas')
  setInterval(() => {
    context.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`
    context.fillRect(Math.random() * 300, Math.random() * 200, 60, 60)
  }, 20)
  globalThis.stopRecording = recordings.record(canvas.captureStream(30), (reason) => failures.push(reason))
}

export type Held = { readonly name: string; readonly size: number; readonly sha256: string }

/** The recordings that are on the disk. */
export async function held(): Promise<Held[]> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('recordings', { create: true })
  const found: Held[] = []
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') continue
    // A recording that has just been stored may be removed meanwhile.
    const bytes = await handle
      .getFile()
      .then((file) => file.arrayBuffer())
      .catch(() => undefined)
    if (bytes === undefined) continue
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    found.push({ name: handle.name, size: bytes.byteLength, sha256 })
  }
  return found
}

export async function writeRecording([name, mebibytes]: readonly [string, number]): Promise<void> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('recordings', { create: true })
  const stream = await (await folder.getFileHandle(name, { create: true })).createWritable()
  for (let index = 0; index < mebibytes; index++) {
    const bytes = new Uint8Array(1024 * 1024)
    for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
    await stream.write(bytes)
  }
  await stream.close()
}

/** Numbers of the parts whose receipts the browser keeps. */
export async function kept(): Promise<number[]> {
  const opened = indexedDB.open('longhaul')
  await new Promise((resolve) => {
    opened.onsuccess = resolve
  })
  const database = opened.result
  const name = database.objectStoreNames[0] ?? ''
  const request = database.transaction(name).objectStore(name).getAllKeys()
  await new Promise((resolve) => {
    request.onsuccess = resolve
  })
  database.close()
  return request.result.flatMap((key) => (Array.isArray(key) && key[0] === 'part' ? [Number(key[2])] : []))
}
