/** An application with the strictest compiler settings, compiled against the published types. It is not run. */
import { presigned, UploadError, Uploader } from 'longhaul'
import type { UploadElement } from 'longhaul/element'
import { useDropZone, useInterrupted, useUpload, useUploader, useUploads } from 'longhaul/react'
import { RemoteUploader } from 'longhaul/remote'
import type { ReactElement } from 'react'

type Props = { readonly scope?: string; readonly accept?: string; readonly maxSize?: number }

export function Uploads({ scope, accept, maxSize }: Props): ReactElement {
  const uploader = useUploader({ backend: presigned({ baseUrl: '/api' }), scope })
  const { uploads } = useUploads(uploader)
  const { uploads: left } = useInterrupted(uploader)
  const { ref, input } = useDropZone<HTMLLabelElement>((files) =>
    uploader.uploadFiles(files, { accept, maxSize }),
  )
  const percent = useUpload(uploads[0], ({ progress }) => progress.confirmed)
  return (
    <label ref={ref}>
      {[percent, left.length].join(' ')} <input {...input} />
    </label>
  )
}

export async function send(file: File, worker: Worker, element: UploadElement): Promise<number | undefined> {
  element.uploader = new Uploader({ backend: presigned() })
  try {
    await new RemoteUploader(worker).uploadFile(file, { params: { album: '42' } })
  } catch (error) {
    if (error instanceof UploadError && error.code === 'http') return error.status
  }
  return undefined
}
