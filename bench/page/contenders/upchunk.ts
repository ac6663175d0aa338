/** upchunk with chunks of the others' part size, one after the other as its protocol requires. */
import { createUpload } from '@mux/upchunk'
import type { Contender, Settings } from '../contender.ts'
import { inParallel } from '../in-parallel.ts'

export const upload: Contender = async (files, settings) => ({
  keys: await inParallel(files, files.length > 1 ? (settings.width ?? 1) : 1, (file) =>
    uploadOne(file, settings),
  ),
})

async function uploadOne(file: File, { server, partSize }: Settings): Promise<string> {
  const key = crypto.randomUUID()
  // KiB, in multiples of 256.
  const chunkSize = Math.ceil(partSize / 1024 / 256) * 256
  const upload = createUpload({ endpoint: `${server}/${key}`, file, chunkSize })
  await new Promise<void>((resolve, reject) => {
    upload.on('success', resolve)
    upload.on('error', ({ detail }) => reject(new Error(detail.message)))
  })
  return key
}
