/**
 * Makes one small upload, throws it away again, and says in words what it shows about server, storage, CORS and clock.
 */
import type { UploadError } from './errors.ts'
import type { BackendCall, FileDescription, Json, PartResponse, PartTarget, PartTransport } from './ports.ts'
import type { Tools } from './run.ts'

/**
 * The code it uses that is already loaded. Passed in and not imported, so that `import()` loads this module alone:
 * esbuild puts shared imports into a chunk of their own, which costs more than loading this later saves.
 */
export type Loaded = Pick<typeof import('./errors.ts'), 'CorsError' | 'EtagHiddenError' | 'toUploadError'> &
  Pick<typeof import('./http-failure.ts'), 'errorInside' | 'httpFailure' | 'isForeign'> &
  Pick<typeof import('./part-digests.ts'), 'dressed'> & { readonly corsRule: string }

type Means = Tools & { readonly transport: PartTransport; readonly loaded: Loaded }

/** One thing that was checked. */
export type Finding = {
  readonly check: 'server' | 'storage' | 'cors' | 'etag' | 'clock' | 'clean-up'
  readonly ok: boolean
  /** What was seen and, if it is not right, what to do. */
  readonly message: string
}

/** The result of `Uploader.diagnose`. */
export type Diagnosis = {
  /** Whether nothing was found wrong. */
  readonly ok: boolean
  /** In the order of the checks. A check that could not be made has none. */
  readonly findings: readonly Finding[]
}

/** Ceph RGW's refusals carry no CORS headers, nor do S3's redirects to the bucket's region. */
const orRefused =
  'If the bucket has such a rule, the URL is refused: check whether it has expired, and whether region, bucket and keys are right.'

/** How far clocks may differ, in milliseconds: S3 refuses requests that are a quarter of an hour off. */
const tolerance = 60_000
const clockAdvice =
  ": set the one that is wrong. The server signs, so its clock has to agree with the storage's."

export async function diagnose(means: Means): Promise<Diagnosis> {
  const findings: Finding[] = []
  const call = { signal: new AbortController().signal, api: means.api }
  try {
    await examine(means, call, findings)
  } catch (error) {
    findings.push(serverFinding('cannot start an upload', error, means))
  }
  return { ok: findings.every(({ ok }) => ok), findings }
}

async function examine(means: Means, call: BackendCall, findings: Finding[]): Promise<void> {
  const { backend, retry } = means
  const file = new File(['.'], 'longhaul-diagnose.txt', {
    type: 'text/plain',
    lastModified: retry.clock.date(),
  })
  const { session, targets = [] } = await backend.open(await describe(file, means, call), call)
  try {
    const signed = targets.length > 0 ? targets : await sign(session, means, call)
    if ('check' in signed) return void findings.push(signed)
    findings.push({ check: 'server', ok: true, message: 'The server opens uploads and signs their parts.' })
    for (const target of signed.slice(0, 1)) findings.push(...(await probe(target, file, means, call)))
  } finally {
    findings.push(await cleanUp(session, means, call))
  }
}

async function sign(
  session: Json,
  means: Means,
  call: BackendCall,
): Promise<readonly PartTarget[] | Finding> {
  try {
    return await means.backend.sign(session, [{ number: 1, offset: 0, size: 1 }], call)
  } catch (error) {
    return serverFinding('opens uploads, but cannot sign their parts', error, means)
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

/** Sends the bytes of a part with a progress listener, which makes the browser send a preflight. */
async function probe(
  target: PartTarget,
  file: File,
  means: Means,
  { signal }: BackendCall,
): Promise<readonly Finding[]> {
  const { retry, line, loaded } = means
  const { origin } = new URL(target.url, globalThis.location?.href)
  const policy = new AbortController()
  let isForbidden = false
  // A violation by another request, or of a policy that only reports, says nothing.
  const forbid = ({ disposition, blockedURI }: SecurityPolicyViolationEvent): void => {
    isForbidden ||= disposition === 'enforce' && blockedURI.startsWith(origin)
  }
  globalThis.addEventListener?.('securitypolicyviolation', forbid, policy)
  try {
    const response = await line.send(await dress(target, file, means, signal), file.slice(), {
      signal,
      onProgress: () => {},
    })
    return [...storageFindings(response, target, origin, retry.clock.date(), loaded)]
  } catch (error) {
    const finding = await connectionFinding(loaded.toUploadError(error), origin, means, signal)
    return [isForbidden ? forbidden(origin) : finding]
  } finally {
    policy.abort()
  }
}

/** To a page, a request that its own policy forbids looks like a missing network. */
function forbidden(origin: string): Finding {
  const message = `The page's own Content-Security-Policy forbids it: add ${origin} to connect-src.`
  return { check: 'storage', ok: false, message }
}

async function dress(
  target: PartTarget,
  file: File,
  { hasher, loaded }: Means,
  signal: AbortSignal,
): Promise<PartTarget> {
  if (target.digest === undefined) return target
  const { algorithm } = target.digest
  return loaded.dressed(target, { [algorithm]: await hasher.digest(file, algorithm, { signal }) })
}

function storageFindings(
  response: PartResponse,
  target: PartTarget,
  origin: string,
  date: number,
  loaded: Loaded,
): readonly Finding[] {
  const cors: Finding = { check: 'cors', ok: true, message: `${origin} allows this page to send parts.` }
  const failure = loaded.httpFailure('the probe', response, date)
  const isOk = response.status >= 200 && response.status < 300
  const refusal = isOk ? loaded.errorInside('the probe', response.body) : failure
  if (refusal !== undefined) return [cors, refused(refusal, target), ...clockFindings(failure.date, date)]
  if (loaded.isForeign(response)) return [foreign(origin)]
  const storage: Finding = { check: 'storage', ok: true, message: `${origin} has stored the probe.` }
  return [cors, storage, ...etagFinding(response, target, loaded), ...clockFindings(failure.date, date)]
}

function foreign(origin: string): Finding {
  const message = `${origin} answers with an HTML page, and not as a storage: a service worker, a proxy or a sign-in page is in between, or the URL is not the storage's.`
  return { check: 'storage', ok: false, message }
}

function refused(failure: UploadError, { url }: PartTarget): Finding {
  const advice = emptyChecksum.test(url)
    ? "The URL is signed with the checksum of an empty body, as newer AWS SDKs do: create the server's client with `requestChecksumCalculation: 'WHEN_REQUIRED'`."
    : "Check the server's keys, its clock, and that the URL is sent as it was signed."
  return {
    check: 'storage',
    ok: false,
    message: `The storage refuses what the server has signed: ${failure.message}. ${advice}`,
  }
}

/** Any CRC of an empty body is zero. Nobody has read the part when its URL is signed. */
const emptyChecksum = /[?&]x-amz-checksum-crc\w+=A+(%3D|=|&|$)/i

function etagFinding(
  { headers }: PartResponse,
  { needsEtag = true }: PartTarget,
  { EtagHiddenError }: Loaded,
): readonly Finding[] {
  if (!needsEtag) return []
  const isVisible = Boolean(headers['etag'])
  const message = isVisible ? 'The ETag can be seen.' : new EtagHiddenError(1).message
  return [{ check: 'etag', ok: isVisible, message }]
}

/** Says nothing if the storage does not show its clock. */
function clockFindings(shown: number | undefined, date: number): readonly Finding[] {
  if (shown === undefined) return []
  const seconds = Math.round((shown - date) / 1000)
  const ok = Math.abs(shown - date) < tolerance
  const off = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this machine's`
  return [{ check: 'clock', ok, message: `The storage's clock is ${off}${ok ? '.' : clockAdvice}` }]
}

async function connectionFinding(
  error: UploadError,
  origin: string,
  { transport, loaded }: Means,
  signal: AbortSignal,
): Promise<Finding> {
  const { CorsError, corsRule } = loaded
  if (error.code === 'stalled')
    return { check: 'storage', ok: false, message: `${origin} does not answer (${error.message}).` }
  if (error.code !== 'network') return { check: 'storage', ok: false, message: error.message }
  const isReached = await transport.reaches?.(origin, { signal })
  if (isReached)
    return { check: 'cors', ok: false, message: `${new CorsError(origin).message}\n${orRefused}` }
  const doubt =
    isReached === undefined ? `, or its CORS rule does not allow it. A rule that works:\n${corsRule}` : '.'
  return { check: 'storage', ok: false, message: `${origin} cannot be reached${doubt}` }
}

function serverFinding(does: string, thrown: unknown, { loaded }: Means): Finding {
  const error = loaded.toUploadError(thrown)
  const hint =
    error.code === 'network' ? ' Check its address, and its CORS rule if it has another origin.' : ''
  return { check: 'server', ok: false, message: `The server ${does}: ${error.message}.${hint}` }
}

async function cleanUp(session: Json, { backend, loaded }: Means, call: BackendCall): Promise<Finding> {
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
      message: `The probe's upload could not be thrown away: ${loaded.toUploadError(error).message}`,
    }
  }
}
