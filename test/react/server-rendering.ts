import { createElement, type ReactElement } from 'react'
import { expect, test } from 'vitest'
import { presigned, Uploader } from '../../src/index.ts'
import { useDropZone, useInterrupted, useUpload, useUploader, useUploads } from '../../src/react/index.ts'

const options = { backend: presigned({ baseUrl: '/api' }) }
const upload = new Uploader(options).uploadFile(new File([], 'a.txt'), { signal: AbortSignal.abort() })
upload.catch(() => {})

function App(): ReactElement {
  const uploader = useUploader(options)
  const { uploads } = useUploads(uploader)
  const { isLoading } = useInterrupted(uploader)
  const { isOver, input } = useDropZone(() => {}, { page: true })
  const { status } = useUpload(upload, ({ state }) => state)
  return createElement(
    'p',
    { title: `${input.type} ${isOver}` },
    [uploads.length, isLoading, status].join(' '),
  )
}

/** One test for each version, each in a process of its own. */
export function testServerRendering(
  version: string,
  renderer: () => Promise<{ renderToString(element: ReactElement): string }>,
): void {
  test(`React ${version} renders the hooks on a server, without any browser API`, async () => {
    const { renderToString } = await renderer()
    expect(
      ['window', 'document', 'indexedDB', 'XMLHttpRequest'].filter((name) => name in globalThis),
    ).toEqual([])
    const before = Object.getOwnPropertyNames(globalThis).sort()
    expect(renderToString(createElement(App))).toBe('<p title="file false">0 true cancelled</p>')
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
  })
}
