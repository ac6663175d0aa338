/** Uppy without its user interface, with its S3 plugin and a route that signs each request. */
import AwsS3 from '@uppy/aws-s3'
import { Uppy } from '@uppy/core'
import type { Settings, Uploaded } from './contender.ts'
import { post } from './post.ts'

/** @param options Of the plugin, instead of its defaults. */
export async function uploadWithUppy(
  files: readonly File[],
  { api, width, partSize }: Settings,
  options: { readonly shouldUseMultipart?: boolean },
): Promise<Uploaded> {
  // Two files with one name should become two objects.
  const prefix = `uploads/${crypto.randomUUID()}`
  const uppy = new Uppy({ autoProceed: false }).use(AwsS3, {
    signRequest: (request: unknown) => post(`${api}/peers/sign`, request),
    generateObjectKey: ({ name }: { readonly name: string }) => `${prefix}/${name}`,
    getChunkSize: () => partSize,
    ...(width === undefined ? {} : { limit: width }),
    ...options,
  })
  uppy.addFiles(files.map((file) => ({ name: file.name, type: file.type, data: file })))
  const { failed = [] } = (await uppy.upload()) ?? {}
  if (failed.length > 0) throw new Error(`${failed.length} failed: ${failed[0]?.error}`)
  return { keys: files.map(({ name }) => `${prefix}/${name}`) }
}
