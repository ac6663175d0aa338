import { presigned, Uploader } from 'longhaul'

export const uploader = new Uploader({
  backend: presigned({
    baseUrl: '/api/uploads',
    endpoints: { listParts: '/list-parts', status: '/status', abort: '/abort' },
    headers: { authorization: 'Bearer try-it' },
  }),
})

/** Where they are. Rejects where the browser has no such place, or gives none, as Firefox in a private window. */
export async function recordings(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  return root.getDirectoryHandle('recordings', { create: true })
}

/**
 * Records into a file of the browser's own, and uploads it when the recording has ended.
 *
 * @param onFailure The disk takes no more or there is none for it, or the worker cannot be loaded. What was recorded until then is there,
 * and is uploaded.
 * @returns What ends the recording.
 */
export function record(stream: MediaStream, onFailure: (reason: string) => void): () => void {
  const recorder = new MediaRecorder(stream)
  // Throws where the stream has ended already.
  recorder.start(1000)
  const writer = new Worker(new URL('./recording-worker.ts', import.meta.url), { type: 'module' })
  const stop = (): void => {
    if (recorder.state !== 'inactive') recorder.stop()
  }
  const written = new Promise<void>((resolve) => {
    const end = (said: string): void => {
      writer.terminate()
      if (said !== 'closed') onFailure(said)
      resolve()
      stop()
    }
    writer.onmessage = ({ data }) => end(data)
    writer.onerror = ({ message }) => end(message || 'the worker cannot be loaded')
  })
  recorder.ondataavailable = ({ data }) => writer.postMessage(data)
  recorder.onstop = () => writer.postMessage(null)
  const extension = recorder.mimeType.includes('mp4') ? 'mp4' : 'webm'
  // Camera and screen may begin in the same millisecond.
  const began = `${new Date().toISOString().replace(/[:.]/g, '-')}-${crypto.randomUUID().slice(0, 8)}`
  const name = `${began}.${extension}`
  writer.postMessage(name)
  // As long as it is held, nobody takes the file for one that was left.
  navigator.locks.request(name, () => written).then(sendAll)
  navigator.storage?.persist() // or a browser that is short of space may clear it
  return stop
}

/**
 * Uploads what is there and what nobody is recording or sending. Called when the page begins, too: a crash may have left something.
 * Rejects as `recordings` does: then nothing was left.
 */
export async function sendAll(): Promise<void> {
  const folder = await recordings()
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') continue
    navigator.locks.request(handle.name, { ifAvailable: true }, (lock) => lock && send(handle))
  }
}

/** Until it is stored. One that has failed can be resumed in this page, and else is tried again at the next visit. */
async function send(handle: FileSystemFileHandle): Promise<void> {
  const [upload] = await uploader.uploadFiles([handle])
  if (upload === undefined) return
  await new Promise<void>((resolve) => {
    upload.on('state', ({ status }) => {
      if (status === 'done') resolve()
    })
  })
  const folder = await recordings()
  await folder.removeEntry(handle.name)
}
