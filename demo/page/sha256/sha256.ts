import type { Sha256Reply } from './protocol.ts'

/** The file's SHA-256 in hex, computed in a worker of its own that ends with it. */
export function sha256(
  file: Blob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const digest = new Promise<string>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    worker.onerror = ({ message }) => reject(new Error(message || 'The worker could not be loaded'))
    worker.onmessage = ({ data }: MessageEvent<Sha256Reply>) => {
      if (data.type === 'progress') onProgress(data.bytes)
      else if (data.type === 'done') resolve(data.sha256)
      else reject(new Error(data.message))
    }
    worker.postMessage(file)
  })
  return digest.finally(() => worker.terminate())
}
