/**
 * The code that all these applications share: it uploads the picked file, and writes down how that ended. It is copied
 * beside the application's own files, so that the bundler treats it as part of the application.
 */
import { Uploader } from 'longhaul'
import { defineUploadElement } from 'longhaul/element'
import { RemoteUploader } from 'longhaul/remote'
import { options } from './options.js'

export { options }

/** @param {import('longhaul').Upload | import('longhaul/remote').RemoteUpload} upload @returns {Promise<string>} JSON */
export async function ending(upload) {
  /** @type {string[]} */
  const warnings = []
  upload.on('warning', ({ message }) => warnings.push(message))
  const ended = await upload.then(
    (result) => result,
    (error) => ({ error: String(error) }),
  )
  const hasElement = customElements.get('longhaul-upload') !== undefined
  return JSON.stringify({ ...ended, warnings, hasElement })
}

/** @param {(() => Worker)} [makeWorker] Makes the worker that has the Uploader if the URL has `?in-a-worker`. */
export function start(makeWorker) {
  defineUploadElement()
  const isRemote = makeWorker !== undefined && location.search === '?in-a-worker'
  const uploader = isRemote ? new RemoteUploader(makeWorker()) : new Uploader(options)
  const input = /** @type {HTMLInputElement} */ (document.querySelector('input'))
  const output = /** @type {HTMLOutputElement} */ (document.querySelector('output'))
  input.addEventListener('change', async () => {
    const [file] = input.files ?? []
    if (file) output.textContent = await ending(uploader.uploadFile(file))
  })
}
