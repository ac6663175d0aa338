import { type ReactElement, useEffect } from 'react'
import type { UploaderLike } from '../../../src/index.ts'
import { useUploads } from '../../../src/react/index.ts'
import { fileOf } from '../stand.ts'

const file = fileOf(8)

/** Uploads a file when it is mounted, as a careless component does. */
export function Careless<One extends UploaderLike>({
  useOne,
  seen,
}: {
  /** The hook that provides its Uploader. */
  readonly useOne: () => One
  readonly seen: Set<One>
}): ReactElement {
  const uploader = useOne()
  useEffect(() => {
    seen.add(uploader)
    uploader.uploadFile(file).catch(() => {})
  }, [uploader, seen])
  const { uploads } = useUploads(uploader)
  return <p>{uploads.length}</p>
}
