/** Like `longhaul`, but all of it in a worker. */
import { RemoteUploader } from '../../../src/remote/index.ts'
import type { Contender } from '../contender.ts'

export const upload: Contender = async (files, { api, width }) => {
  const worker = new Worker('workers/engine.js', { type: 'module' })
  worker.postMessage({ api: new URL(api, location.href).href, width })
  const uploader = new RemoteUploader(worker)
  const results = await Promise.all(files.map((file) => uploader.uploadFile(file)))
  await uploader.close()
  return { keys: results.map(({ key }) => key) }
}
