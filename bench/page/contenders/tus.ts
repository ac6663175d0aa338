/**
 * tus-js-client with its defaults: the whole file in one request, one file after the other. If requests are refused or
 * cut, it sends chunks of the others' part size, so that faults hit it as often as them.
 */
import { Upload } from 'tus-js-client'
import type { Contender, Settings } from '../contender.ts'
import { inParallel } from '../in-parallel.ts'

export const upload: Contender = async (files, settings) => ({
  keys: await inParallel(files, settings.width ?? 1, (file) => uploadOne(file, settings)),
})

async function uploadOne(file: File, { server, partSize, faulty }: Settings): Promise<string> {
  let settle: { resolve(): void; reject(error: Error): void } = { resolve: () => {}, reject: () => {} }
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  const upload = new Upload(file, {
    endpoint: `${server}/files`,
    metadata: { filename: file.name },
    ...(faulty ? { chunkSize: partSize } : {}),
    onSuccess: () => settle.resolve(),
    onError: (error) => settle.reject(error),
  })
  const [previous] = await upload.findPreviousUploads()
  if (previous !== undefined) upload.resumeFromPreviousUpload(previous)
  upload.start()
  await ended
  return (upload.url ?? '').replace(/^.*\//, '')
}
