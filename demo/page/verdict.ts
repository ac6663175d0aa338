/** Finds out whether the storage holds exactly the file, by the SHA-256 of both, each computed where the bytes are. */
import type { UploadResult } from 'longhaul'
import type { DemoBackend } from './backends/demo-backend.ts'
import { sha256 } from './sha256/sha256.ts'

export type Verdict =
  | { readonly status: 'waiting' }
  /** How many bytes of the local file have been read. */
  | { readonly status: 'comparing'; readonly hashed: number }
  | { readonly status: 'identical'; readonly sha256: string }
  | { readonly status: 'different'; readonly local: string; readonly stored: string }
  | { readonly status: 'failed'; readonly message: string }

export const notCompared: Verdict = { status: 'waiting' }

/** The comparison before. They run one at a time, because each reads two whole files. */
let last: Promise<void> = Promise.resolve()

export type ReadFile = () => Promise<Blob>

/** The file that was sent, and where. */
export type Sent = { readonly source: ReadFile; readonly backend: DemoBackend }

/** Reports the progress, and finally the verdict. After an abort it reports nothing. */
export function compare(
  sent: Sent,
  result: UploadResult,
  tell: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = (verdict: Verdict): void => {
    if (!signal.aborted) tell(verdict)
  }
  last = last.then(async () => told(await judge(sent, result, told, signal)))
  return last
}

async function judge(
  { source, backend }: Sent,
  result: UploadResult,
  tell: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<Verdict> {
  if (signal.aborted) return notCompared
  tell({ status: 'comparing', hashed: 0 })
  try {
    const [local, stored] = await Promise.all([
      sha256(await source(), (hashed) => tell({ status: 'comparing', hashed }), signal),
      storedSha256(backend, result, signal),
    ])
    return local === stored ? { status: 'identical', sha256: local } : { status: 'different', local, stored }
  } catch (error) {
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

/** If the server does not compute it, the page reads the stored bytes, as anybody could. */
async function storedSha256(
  backend: DemoBackend,
  result: UploadResult,
  signal: AbortSignal,
): Promise<string> {
  if (backend.sha256 !== undefined) return backend.sha256(result, signal)
  return sha256(await stored(backend, result, signal), () => {}, signal)
}

export async function stored(backend: DemoBackend, result: UploadResult, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(await backend.locate(result), { signal })
  if (!response.ok) throw new Error(`The storage answered ${response.status}.`)
  return response.blob()
}
