import { uploadWithLonghaul } from '../with-longhaul.ts'
addEventListener('message', ({ data }: MessageEvent) => {
  const { files, settings } = data
  uploadWithLonghaul(files, settings, { fileHash: async () => 'none' }).then(
    (uploaded) => postMessage({ uploaded }),
    (error: unknown) => postMessage({ error: String(error) }),
  )
})
