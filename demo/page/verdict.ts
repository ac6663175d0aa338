/** Whether the storage holds exactly the file: both sides' SHA-256, each computed where the bytes are. */
import { sha256 } from './sha256/sha256.ts'
import { api } from './uploader.ts'

export type Verdict =
  | { readonly status: 'waiting' }
  /** So many bytes of the local file were read. */
  | { readonly status: 'comparing'; readonly hashed: number }
  | { readonly status: 'identical'; readonly sha256: string }
  | { readonly status: 'different'; readonly local: string; readonly stored: string }
  | { readonly status: 'failed'; readonly message: string }

export const notCompared: Verdict = { status: 'waiting' }

/** The comparison before: one at a time, because each reads two whole files. */
let last: Promise<void> = Promise.resolve()

/** Tells how it goes, and at last the verdict; nothing more after an abort. */
export function compare(
  file: Blob,
  key: string,
  tell: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = (verdict: Verdict): void => {
    if (!signal.aborted) tell(verdict)
  }
  last = last.then(async () => told(await judge(file, key, told, signal)))
  return last
}

async function judge(
  file: Blob,
  key: string,
  tell: (verdict: Verdict) => void,
  signal: AbortSignal,
): Promise<Verdict> {
  if (signal.aborted) return notCompared
  tell({ status: 'comparing', hashed: 0 })
  try {
    const [local, stored] = await Promise.all([
      sha256(file, (hashed) => tell({ status: 'comparing', hashed }), signal),
      storedSha256(key, signal),
    ])
    return local === stored ? { status: 'identical', sha256: local } : { status: 'different', local, stored }
  } catch (error) {
    return { status: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

async function storedSha256(key: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${api}/sha256/${encodeKey(key)}`, { signal })
  const body: { sha256?: unknown; error?: unknown } = await response.json()
  if (response.ok && typeof body.sha256 === 'string') return body.sha256
  throw new Error(`The server could not read the object back: ${String(body.error ?? response.status)}`)
}

export function downloadUrl(key: string): string {
  return `${api}/download/${encodeKey(key)}`
}

function encodeKey(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
