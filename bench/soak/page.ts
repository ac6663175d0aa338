/** The page of the soak: one upload, shown as an application shows it, and the contents of its checkpoint. */
import { indexedDbCheckpoints, presigned, type Upload, Uploader } from '../../src/index.ts'

/** What an earlier life has left. */
export type CheckpointReport = {
  readonly receipts: number
  /** Bytes of everything as JSON. */
  readonly size: number
  /** Milliseconds to load everything, on a page that has just begun. */
  readonly loadMs: number
}

export type PageLook = {
  readonly status: string
  readonly confirmed: number
  /** Events in which less was confirmed than in an earlier one. */
  readonly falls: number
  readonly error: string | undefined
}

const endpoints = { listParts: '/list-parts', status: '/status', abort: '/abort' }
// Reading the file once more would only exercise the disk.
const backend = presigned({ baseUrl: '/api', endpoints, fileHash: async () => 'none' })
const uploader = new Uploader({ backend })

let upload: Upload | undefined
let [falls, highest] = [0, 0]
let error: string | undefined

async function checkpoint(): Promise<CheckpointReport> {
  const begun = performance.now()
  const [left] = await indexedDbCheckpoints().list()
  const loadMs = performance.now() - begun
  return { receipts: left?.receipts.length ?? 0, size: JSON.stringify(left ?? null).length, loadMs }
}

function start(): void {
  const [file] = document.querySelector('input')?.files ?? []
  if (file === undefined) throw new Error('a file comes first')
  const shown = document.body.appendChild(document.createElement('p'))
  upload = uploader.uploadFile(file)
  upload.on('progress', ({ confirmed, inFlight, total, rate }) => {
    if (confirmed < highest) falls += 1
    highest = Math.max(highest, confirmed)
    shown.textContent = `${confirmed} + ${inFlight} of ${total}, ${Math.round(rate)} a second`
  })
  upload.then(undefined, (reason: unknown) => {
    error = String(reason)
  })
}

function look(): PageLook {
  return { status: upload?.state.status ?? 'none', confirmed: upload?.progress.confirmed ?? 0, falls, error }
}

Object.assign(globalThis, { soak: { checkpoint, start, look } })
