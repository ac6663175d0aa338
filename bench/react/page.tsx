/** A list of uploads that are all on their way at once, each with its bar and figures. */
import { memo, type ReactElement, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { memoryCheckpoints, type PartTransport, type Upload, Uploader } from '../../src/index.ts'
import { useUpload, useUploads } from '../../src/react/index.ts'

const partSize = 64 * 1024 * 1024
/** Milliseconds between two progress events of a request. A browser sends one every 50. */
const interval = 50

/** Sends nothing, because only the page is measured. Every request moves at its own pace, and ends with the page. */
const transport: PartTransport = {
  send: (_target, body, { onProgress }) =>
    new Promise(() => {
      let sent = 0
      setInterval(() => {
        sent = Math.min(body.size, sent + 20_000 + Math.random() * 50_000)
        onProgress?.(sent)
      }, interval)
    }),
}

const Row = memo(function Row({ upload }: { readonly upload: Upload }): ReactElement {
  const { state, progress } = useUpload(upload)
  const share = (progress.confirmed + progress.inFlight) / progress.total
  return (
    <li>
      <span>{upload.identity.name}</span>
      <progress max={1} value={share} />
      <span>
        {state.status} {(share * 100).toFixed(2)} %, {(progress.rate / 1e6).toFixed(2)} MB/s
      </span>
    </li>
  )
})

function App({ uploader }: { readonly uploader: Uploader }): ReactElement {
  const { uploads } = useUploads(uploader)
  const rows = useMemo(() => uploads.map((upload) => <Row key={upload.id} upload={upload} />), [uploads])
  return <ul>{rows}</ul>
}

/** @returns When all of them are on their way. */
async function begin(count: number): Promise<void> {
  const uploader = new Uploader({
    backend: {
      name: 'bench',
      limits: { minPartSize: 1, maxPartSize: partSize, maxParts: 1, maxBatch: 1 },
      open: async () => ({ session: null, partSize }),
      sign: async (_session, parts) =>
        parts.map(({ number }) => ({
          number,
          url: 'http://localhost/',
          method: 'PUT',
          headers: {},
          validFor: undefined,
        })),
      complete: async () => ({ key: 'key' }),
    },
    transport,
    checkpoints: memoryCheckpoints(),
    concurrency: count,
    partSize,
  })
  const root = document.createElement('div')
  document.body.append(root)
  createRoot(root).render(<App uploader={uploader} />)
  const content = new Blob([new Uint8Array(partSize)])
  // Not awaited, because none of them ends.
  void uploader.uploadFiles(Array.from({ length: count }, (_, index) => new File([content], `file ${index}`)))
  const areAllOnTheirWay = (): boolean =>
    uploader.uploads.length === count && uploader.uploads.every(({ progress }) => progress.inFlight > 0)
  while (!areAllOnTheirWay()) {
    const { state } = uploader.uploads.find((upload) => upload.state.status === 'failed') ?? {}
    if (state?.status === 'failed') throw state.error
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The milliseconds between frames, for this many of them. */
function frames(count: number): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const times: number[] = []
    const next = (time: number): void => {
      times.push(time)
      if (times.length <= count) requestAnimationFrame(next)
      else resolve(times.slice(1).map((at, index) => at - (times[index] ?? at)))
    }
    requestAnimationFrame(next)
  })
}

Object.assign(globalThis, { bench: { begin, frames } })
