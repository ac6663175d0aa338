/** The session of a `fragno` backend, and how it is read from the server's answers. */
import { SessionLostError } from '../errors.ts'
import type { Completed, ListedPart, Part, PartTarget } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { JsonFields } from './endpoint.ts'
import { presignedTarget } from './presigned-target.ts'
import type { Reply } from './server.ts'

type Strategy = 'direct-single' | 'direct-multipart' | 'proxy'

export type FollowUp = 'status' | 'progress' | 'complete' | 'abort' | 'parts' | 'partsComplete' | 'content'

const common: readonly FollowUp[] = ['status', 'progress', 'complete', 'abort']

/** The addresses that the server gives for the rest of an upload, by its strategy. */
const followUps: Readonly<Record<Strategy, readonly FollowUp[]>> = {
  'direct-single': common,
  'direct-multipart': [...common, 'parts', 'partsComplete'],
  proxy: [...common, 'content'],
}

/** An upload that is under way. */
export type FragnoUpload = {
  readonly uploadId: string
  readonly fileKey: string
  readonly provider: string
  readonly strategy: Strategy
  /** Bytes. The whole file if it is sent in one request. */
  readonly partSize: number
  /** The server's paths for the follow-up calls, below the mount. */
  readonly paths: { readonly [Name in FollowUp]?: string }
}

/** An upload that is under way, or the server's description of a file that is already stored. */
export type FragnoSession = FragnoUpload | { readonly file: JsonFields }

/** @param size The size of the file, in bytes. */
export function readUpload(answer: Answer, size: number): FragnoUpload {
  const strategy = answer.oneOf('strategy', Object.keys(followUps) as Strategy[])
  const upload = answer.inner('upload')
  return {
    uploadId: answer.inPath('uploadId'),
    fileKey: answer.text('fileKey'),
    provider: answer.text('provider'),
    strategy,
    partSize: strategy === 'direct-multipart' ? upload.size('partSizeBytes') : Math.max(1, size),
    paths: Object.fromEntries(followUps[strategy].map((name) => [name, readPath(upload, `${name}Endpoint`)])),
  }
}

/** Segments that are not empty and not `.` or `..`, even encoded, and perhaps a query. */
const below = /^(\/(?!(\.|%2e){1,2}([/?#]|$))[^/\\\s?#]+)+\/?([?#]|$)/i

/**
 * Reads a path that must lie below the mount, because the application's headers go there. A URL treats `\` as `/` and drops
 * line ends and tabs (WHATWG URL), so that `/\host` would be another host. A brace is encoded, so that it is no name.
 */
function readPath(upload: Answer, field: string): string {
  const path = upload.text(field)
  if (!below.test(path)) upload.refuse(field, 'a path below the mount')
  return path.replaceAll('{', '%7B')
}

/** The target of a file that is sent in one request. */
export function readSingleTarget(upload: Answer): PartTarget {
  const target = presignedTarget(1, upload.url('uploadUrl'), upload.headers('uploadHeaders'))
  return { ...target, needsEtag: false }
}

export function readPartTargets(answer: Answer, parts: readonly Part[]): readonly PartTarget[] {
  const wanted = new Set(parts.map(({ number }) => number))
  return answer
    .list('parts')
    .map((part) => {
      const number = part.count('partNumber', 1)
      return presignedTarget(number, part.url('url', `url of part ${number}`), part.headers('headers'))
    })
    .filter(({ number }) => wanted.has(number))
}

export function readRecorded(answer: Answer): readonly ListedPart[] {
  return answer.list('parts').map((part) => ({
    number: part.count('partNumber', 1),
    size: part.count('sizeBytes', 0),
    etag: part.text('etag'),
  }))
}

/** All parts of an upload that the server has completed. It does not tell their ETags then. */
export function allParts(size: number, partSize: number): readonly ListedPart[] {
  return Array.from({ length: Math.max(1, Math.ceil(size / partSize)) }, (_, index) => ({
    number: index + 1,
    size: Math.min(partSize, size - index * partSize),
  }))
}

/** `prepared`: the bytes are stored, and the application publishes them. */
const states = {
  created: 'open',
  in_progress: 'open',
  prepared: 'completed',
  completed: 'completed',
  aborted: 'gone',
  failed: 'gone',
  expired: 'gone',
} as const

/** The server's answer about an upload that is open or completed. */
export type Look = { readonly state: 'open' | 'completed'; readonly answer: Answer }

/**
 * @param isExpired Whether another answer of the server has said so.
 * @throws SessionLostError if the upload is over. Its status may not say yet that it has expired.
 */
export function readLook(reply: Reply, isExpired: boolean): Look {
  const answer = reply.fields()
  const status = answer.oneOf('status', Object.keys(states) as (keyof typeof states)[])
  const state = states[status]
  const isLeft = !(isExpired || timeLeft(answer, reply) <= 0)
  if (state === 'completed' || (state === 'open' && isLeft)) return { state, answer }
  throw new SessionLostError(new Error(`its status is ${state === 'open' ? 'expired' : status}`))
}

/** Milliseconds by the server's clock, because this machine's may be off by hours. NaN if the page cannot see it. */
export function timeLeft(answer: Answer, { headers }: Reply): number {
  return answer.date('expiresAt') - Date.parse(headers['date'] ?? '')
}

/** Fragno's releases answer with the file itself, its newest source with the file inside an outcome. */
export function readCompletion(answer: Answer): Completed {
  if (answer.isNull('kind')) return completed(answer)
  const kind = answer.oneOf('kind', ['published', 'prepared'])
  if (kind === 'published') return completed(answer.inner('file'))
  return { key: answer.inner('write').text('fileKey') }
}

/** The cast is safe: the answer came as JSON. */
export function completed(file: Answer): Completed {
  return { key: file.text('fileKey'), details: file.all as JsonFields }
}
