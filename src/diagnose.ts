/** One small upload that is thrown away again, and in words what it shows of server, storage, CORS and clock. */
import {
  CorsError,
  corsRule,
  EtagHiddenError,
  NetworkError,
  toUploadError,
  type UploadError,
} from './errors.ts'
import { httpFailure } from './http-failure.ts'
import { dressed } from './part-digests.ts'
import type {
  BackendCall,
  FileDescription,
  Hasher,
  Json,
  PartResponse,
  PartTarget,
  PartTransport,
} from './ports.ts'
import type { Tools } from './run.ts'

/** One thing that was looked at. */
export type Finding = {
  readonly check: 'server' | 'storage' | 'cors' | 'etag' | 'clock' | 'clean-up'
  readonly ok: boolean
  /** What was seen, and what to do where it is not right. */
  readonly message: string
}

/** What `Uploader.diagnose` has found. */
export type Diagnosis = {
  /** Whether uploads can work. */
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

/** Milliseconds by which clocks may differ: S3 refuses requests that are a quarter of an hour off. */
const tolerance = 60_000

export async function diagnose(tools: Tools, transport: PartTransport): Promise<Diagnosis> {
  const findings: Finding[] = []
  const call = { signal: new AbortController().signal, api: tools.api }
  try {
    await examine(tools, transport, call, findings)
  } catch (error) {
    findings.push(serverFinding(toUploadError(error)))
  }
  return { ok: findings.every(({ ok }) => ok), findings }
}

async function examine(
  tools: Tools,
  transport: PartTransport,
  call: BackendCall,
  findings: Finding[],
): Promise<void> {
  const { backend, retry } = tools
  const file = new File(['.'], 'longhaul-diagnose.txt', {
    type: 'text/plain',
    lastModified: retry.clock.date(),
  })
  const { session, targets = [] } = await backend.open(await describe(file, tools, call), call)
  try {
    const [target] =
      targets.length > 0 ? targets : await backend.sign(session, [{ number: 1, offset: 0, size: 1 }], call)
    findings.push({ check: 'server', ok: true, message: 'The server opens uploads and signs their parts.' })
    if (target !== undefined) findings.push(...(await probe(target, file, transport, tools, call)))
  } finally {
    findings.push(await cleanUp(session, tools, call))
  }
}

async function describe(file: File, { backend, hasher }: Tools, call: BackendCall): Promise<FileDescription> {
  const { name, size, lastModified, type } = file
  const identity = { name, relativePath: '', size, lastModified, type }
  const wanted = backend.fileDigest?.(identity)
  const digest =
    typeof wanted === 'string' ? await hasher.digest(file, wanted, call) : await wanted?.(file, call)
  return { ...identity, digest, params: {}, pictureSize: async () => undefined }
}

/** The bytes of a part, with a listener for its progress: that makes the browser ask for leave (a preflight). */
async function probe(
  target: PartTarget,
  file: File,
  transport: PartTransport,
  { retry, hasher }: Tools,
  { signal }: BackendCall,
): Promise<readonly Finding[]> {
  const { origin } = new URL(target.url, globalThis.location?.href)
  try {
    const response = await transport.send(await dress(target, file, hasher, signal), file.slice(), {
      signal,
      onProgress: () => {},
    })
    return [...storageFindings(response, target, origin, retry.clock.date())]
  } catch (error) {
    return [await connectionFinding(toUploadError(error), origin, transport, signal)]
  }
}

async function dress(
  target: PartTarget,
  file: File,
  hasher: Hasher,
  signal: AbortSignal,
): Promise<PartTarget> {
  if (target.digest === undefined) return target
  const { algorithm } = target.digest
  return dressed(target, { [algorithm]: await hasher.digest(file, algorithm, { signal }) })
}

function storageFindings(
  response: PartResponse,
  target: PartTarget,
  origin: string,
  date: number,
): readonly Finding[] {
  const cors: Finding = { check: 'cors', ok: true, message: `${origin} allows this page to send parts.` }
  const failure = httpFailure('the probe', response, date)
  const isStored = response.status >= 200 && response.status < 300
  if (!isStored) return [cors, refused(failure), ...clockFindings(failure.date, date)]
  const storage: Finding = { check: 'storage', ok: true, message: `${origin} has stored the probe.` }
  return [cors, storage, ...etagFinding(response, target), ...clockFindings(failure.date, date)]
}

function refused(failure: UploadError): Finding {
  return {
    check: 'storage',
    ok: false,
    message: `The storage refuses what the server has signed: ${failure.message}. Check the server's keys, its clock, and that the URL is sent as it was signed.`,
  }
}

function etagFinding({ headers }: PartResponse, { needsEtag = true }: PartTarget): readonly Finding[] {
  if (!needsEtag) return []
  const isVisible = Boolean(headers['etag'])
  const message = isVisible ? 'The ETag can be seen.' : new EtagHiddenError(1).message
  return [{ check: 'etag', ok: isVisible, message }]
}

/** Nothing is said where the storage does not show its clock. */
function clockFindings(shown: number | undefined, date: number): readonly Finding[] {
  if (shown === undefined) return []
  const seconds = Math.round((shown - date) / 1000)
  const ok = Math.abs(shown - date) < tolerance
  return [{ check: 'clock', ok, message: `The storage's clock is ${seconds} s ahead of this machine's.` }]
}

async function connectionFinding(
  error: UploadError,
  origin: string,
  transport: PartTransport,
  signal: AbortSignal,
): Promise<Finding> {
  if (!(error instanceof NetworkError)) return { check: 'storage', ok: false, message: error.message }
  const isReached = await transport.reaches?.(origin, { signal })
  if (isReached) return { check: 'cors', ok: false, message: new CorsError(origin).message }
  const doubt =
    isReached === undefined ? `, or its CORS rule does not allow it. A rule that works:\n${corsRule}` : '.'
  return { check: 'storage', ok: false, message: `${origin} cannot be reached${doubt}` }
}

function serverFinding(error: UploadError): Finding {
  const hint =
    error instanceof NetworkError ? ' Check its address, and its CORS rule if it is of another origin.' : ''
  return {
    check: 'server',
    ok: false,
    message: `The server cannot start an upload: ${error.message}.${hint}`,
  }
}

async function cleanUp(session: Json, { backend }: Tools, call: BackendCall): Promise<Finding> {
  const check = 'clean-up' as const
  if (backend.abort === undefined)
    return {
      check,
      ok: true,
      message: "The probe's upload is left to the storage's lifecycle rule: the server has no abort.",
    }
  try {
    await backend.abort(session, call)
    return { check, ok: true, message: "The probe's upload is thrown away." }
  } catch (error) {
    return {
      check,
      ok: false,
      message: `The probe's upload could not be thrown away: ${toUploadError(error).message}`,
    }
  }
}
