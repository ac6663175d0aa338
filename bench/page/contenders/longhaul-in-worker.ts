import type { Contender, Uploaded } from '../contender.ts'
export const upload: Contender = (files, settings) => {
  const worker = new Worker('workers/engine.js', { type: 'module' })
  const api = new URL(settings.api, location.href).href
  worker.postMessage({ files, settings: { ...settings, api } })
  return new Promise<Uploaded>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent) =>
      data.error ? reject(new Error(data.error)) : resolve(data.uploaded)
    worker.onerror = () => reject(new Error('worker'))
  }).finally(() => worker.terminate())
}
