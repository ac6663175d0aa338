/** The page that the suite drives for an Uploader in a worker. */
import { RemoteUploader } from 'longhaul/remote'

const worker = new Worker(new URL('./upload-worker.js', import.meta.url), { type: 'module' })
const uploader = new RemoteUploader(worker)

/** Uploads the picked file, with a pause in the middle. */
globalThis.uploadedByWorker = async () => {
  const upload = uploader.uploadFile(document.querySelector('input').files[0])
  const warnings = []
  upload.on('warning', ({ code }) => warnings.push(code))
  await heard(upload, 'part', ({ status }) => status === 'stored')
  upload.pause()
  await heard(upload, 'state', ({ status }) => status === 'paused')
  const { confirmed } = upload.progress
  upload.resume()
  const { key, size, checksums } = await upload
  const left = await uploader.interrupted()
  await uploader.close()
  return { key, size, checksums, confirmed, warnings, left: left.length, status: upload.state.status }
}

function heard(upload, event, is) {
  return new Promise((resolve) => {
    const off = upload.on(event, (value) => {
      if (!is(value)) return
      off()
      resolve(undefined)
    })
  })
}
