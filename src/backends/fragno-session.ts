/** What a `fragno` backend keeps of an upload, and how the server's answers say it. */
import { SessionLostError } from '../errors.ts'
import type { Completed, ListedPart, Part, PartTarget } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { JsonFields } from './endpoint.ts'
import { presignedTarget } from './presigned-target.ts'
import type { Reply } from './server.ts'

type Strategy = 'direct-single' | 'direct-multipart' | 'proxy'

export type FollowUp = 'status' | 'progress' | 'complete' | 'abort' | 'parts' | 'partsComplete' | 'content'

const common: readonly FollowUp[] = ['status', 'progress', 'complete', 'abort']

/** Which addresses the server gives for the rest of an upload, by its strategy. */
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
  /** Bytes; all of the file where it is sent in one request. */
  readonly partSize: number
  /** What follows the mount, as the server has said it. */
  readonly paths: { readonly [Name in FollowUp]?: string }
}

/** An upload that is under way, or a file that is there already, as the server describes it. */
export type FragnoSession = FragnoUpload | { readonly file: JsonFields }

/** @param size Bytes of the file. */
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

/** Segments that are not empty and that lead nowhere else, as `.` and `..` do, also encoded; and perhaps a query. */
const below = /^(\/(?!(\.|%2e){1,2}([/?#]|$))[^/\\\s?#]+)+\/?([?#]|$)/i

/**
 * Below the mount and nowhere else, for the application's headers go there. In a URL `\` is as good as `/`, and line ends and
 * tabs are left out (WHATWG URL): `/\host` would be another host. A brace stands for itself and not for a name of ours.
 */
function readPath(upload: Answer, field: string): string {
  const path = upload.text(field)
  if (!below.test(path)) upload.refuse(field, 'a path below the mount')
  return path.replaceAll('{', '%7B')
}

/** Of a file that is sent in one request. */
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

/** Of an upload that the server has completed; it keeps the ETags to itself then. */
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

/** What the server says of an upload that is not over without a file. */
export type Look = { readonly state: 'open' | 'completed'; readonly answer: Answer }

/**
 * @param isExpired Whether the server has said so in another answer.
 * @throws SessionLostError where it is over; its status may not say yet that its time is.
 */
export function readLook(reply: Reply, isExpired: boolean): Look {
  const answer = reply.fields()
  const status = answer.oneOf('status', Object.keys(states) as (keyof typeof states)[])
  const state = states[status]
  const isLeft = !(isExpired || timeLeft(answer, reply) <= 0)
  if (state === 'completed' || (state === 'open' && isLeft)) return { state, answer }
  throw new SessionLostError(new Error(`its status is ${state === 'open' ? 'expired' : status}`))
}

/** Milliseconds, by the server's own clock: this machine's may be off by hours. Not a number where the page does not see it. */
export function timeLeft(answer: Answer, { headers }: Reply): number {
  return answer.date('expiresAt') - Date.parse(headers['date'] ?? '')
}

/** The file as it is, as the releases answer, or inside of what has become of it, as the newest source does. */
export function readCompletion(answer: Answer): Completed {
  if (answer.isNull('kind')) return completed(answer)
  const kind = answer.oneOf('kind', ['published', 'prepared'])
  if (kind === 'published') return completed(answer.inner('file'))
  return { key: answer.inner('write').text('fileKey') }
}

/** What came as JSON is JSON. */
export function completed(file: Answer): Completed {
  return { key: file.text('fileKey'), details: file.all as JsonFields }
}
