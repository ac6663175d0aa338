// Bundled as dist/index.js (bundle.ts). The types come from the sources, which exist before a build.
import {
  type Backend,
  type PresignedOptions,
  presigned,
  Uploader,
  type UploaderOptions,
} from '../../src/index.ts'
import type { Settings, Uploaded } from './contender.ts'

/** Uploads with longhaul's defaults and the presigned backend. */
export function uploadWithLonghaul(
  files: readonly File[],
  settings: Settings,
  options: PresignedOptions,
  further: Partial<UploaderOptions> = {},
): Promise<Uploaded> {
  return uploadThrough(presigned({ ...options, baseUrl: settings.api }), files, settings, further)
}

/** Shows nothing, because the limit shows nothing either. */
export async function uploadThrough(
  backend: Backend,
  files: readonly File[],
  { width }: Settings,
  further: Partial<UploaderOptions> = {},
): Promise<Uploaded> {
  const began = performance.now()
  let hashMs = 0
  const concurrency = width === undefined ? {} : { concurrency: width }
  const uploader = new Uploader({ backend, ...concurrency, ...further })
  const uploads = await uploader.uploadFiles(files)
  uploads[0]?.on('state', ({ status }) => {
    if (status === 'opening') hashMs = performance.now() - began
  })
  const results = await Promise.all(uploads)
  return { keys: results.map(({ key }) => key), hashMs }
}
