import { BackendError, FileChangedError, UploadError } from '../../../src/errors.ts'
import type {
  ApiRequest,
  ApiResponse,
  Checkpoint,
  Layout,
  PartResponse,
  PartTarget,
  UploadResult,
} from '../../../src/ports.ts'
import { base, type Fields } from '../../fuzz/servers/model-server.ts'
import { digestOf } from '../file.ts'
import type { Page } from '../page.ts'
import { Referee } from '../referee.ts'
import type { UserUpload } from '../user-upload.ts'
import { contractOf, type Facts, isAllowed } from './contracts.ts'
import { tokenHeader } from './lines.ts'
import type { AdapterWorld } from './world.ts'

/** What may be said of an upload whose servers keep their contracts, whatever the network does. */
const honest: readonly string[] = [
  'backend',
  'etag-hidden',
  'network',
  'stalled',
  'http',
  'throttled',
  'unauthorized',
  'url-expired',
  'session-lost',
  'unsure',
  'file-unreadable',
]

/**
 * How often one request may be answered with 401 within a run. A call that fails for another reason in between is made
 * again.
 */
const mostPerToken = 6
/** The most requests of one call of the engine. A call that fails may have to find out the outcome of the upload. */
const mostPerCall = 3

/**
 * Sees the same of pages and disks as the other referee, but judges by the requests that arrive at real protocols.
 * Sessions have no ids that all protocols share, and one call of the engine may be several requests.
 */
export class AdapterReferee extends Referee {
  readonly #world: AdapterWorld
  readonly #layouts = new Map<string, Layout>()
  /** The ETags that pages have received, by upload and number. */
  readonly #acknowledged = new Map<Page, Set<string>>()
  /** Parts that were missing in a list that a page received later. */
  readonly #denied = new Set<string>()
  readonly #inVain = new Map<Page, number>()
  /** Requests answered with 401 since the user last began something. */
  readonly #refused = new Map<Page, readonly string[]>()
  readonly #asked = new Set<string>()
  readonly #buryings = new Set<string>()
  /** Sessions that a page knows. */
  readonly #told = new Map<string, Page>()

  constructor(world: AdapterWorld) {
    super(world)
    this.#world = world
  }

  /** A page makes a request. */
  sends(page: Page, what: string): void {
    if (!page.isAlive) return
    const { budget, concurrency } = this.#world.plan
    const inVain = (this.#inVain.get(page) ?? 0) + 1
    this.#inVain.set(page, inVain)
    if (inVain > mostPerCall * (budget + 4 * concurrency + 4))
      this.violate('budget', `${page.name} makes ${inVain} requests in vain, at last ${what}`)
  }

  asks(page: Page, request: ApiRequest): void {
    const { method, url, json } = request
    const { model } = this.#world
    if (url.includes('/abort')) this.#checkBurying(page, url + JSON.stringify(json))
    this.#asked.add(`${new URL(url).pathname} ${(json as Fields | undefined)?.['key']}`)
    if (!this.#truths.some((facts) => isAllowed(contractOf(model.name), request, facts)))
      this.violate('contract', `${page.name} asks ${model.name}: ${method} ${url} ${JSON.stringify(json)}`)
  }

  /** The server has carried the request out. */
  took({ url, json }: ApiRequest, { status }: ApiResponse): void {
    const upload = /\/uploads\/([^/]+)\/(?:parts\/checkpoint|complete)$/.exec(new URL(url).pathname)?.[1]
    const { parts } = (json ?? {}) as Fields
    if (upload !== undefined && status === 200 && Array.isArray(parts)) {
      const recorded = this.#world.recorded.get(upload) ?? new Set<number>()
      for (const part of parts as Fields[]) recorded.add(Number(part['part_number']))
      this.#world.recorded.set(upload, recorded)
    }
    this.#checkObjects()
  }

  answers(page: Page, { method, url, json }: ApiRequest, { status, body }: ApiResponse): void {
    if (status >= 200 && status < 300) this.#inVain.delete(page)
    if (status === 401) this.#refuses(page, `${method} ${url} ${JSON.stringify(json)}`)
    for (const id of this.#world.openSessions())
      if (body.includes(`"${id}"`) && !this.#told.has(id)) this.#told.set(id, page)
    const upload = /^\/list\/([^/]+)/.exec(new URL(url).pathname)?.[1]
    if (upload === undefined || status !== 200) return
    const listed = (JSON.parse(body) as { parts: Fields[] }).parts.map((part) => part['PartNumber'])
    for (const { number } of this.#partsOf(upload, this.#versions[0]))
      if (!listed.includes(number)) this.#denied.add(`${upload}/${number}`)
  }

  /** With a new token the request is made once more. */
  #refuses(page: Page, what: string): void {
    const refused = this.#refused.get(page) ?? []
    this.#refused.set(page, [...refused, what])
    const times = refused.filter((one) => one === what).length + 1
    if (times > mostPerToken) this.violate('refresh', `${page.name} is refused ${times} times: ${what}`)
  }

  puts(page: Page, upload: string, { number, headers, url }: PartTarget, bytes: Uint8Array): void {
    const etag = etagOf(bytes)
    if (
      !this.#truths.some(({ parts }) =>
        parts(upload).some((one) => one.number === number && one.etag === etag),
      )
    )
      this.violate('contract', `${page.name} sends as part ${number} of ${upload} what is not`)
    if (!url.startsWith(base) && tokenHeader in headers)
      this.violate('secrets', `the storage gets ${JSON.stringify(headers)}`)
    const id = `${upload}/${number}`
    const isKnown = this.#acknowledged.get(page)?.has(id) || this.#isKept(upload, number)
    // Parts that may have other content are sent again.
    const isSame = this.#source.version === 0
    if (isKnown && isSame && !this.#denied.has(id))
      this.violate('twice', `${page.name} sends part ${id} again`)
  }

  putAnswered(page: Page, upload: string, { number }: PartTarget, { status }: PartResponse): void {
    this.#checkObjects()
    if (status < 200 || status > 299) return
    this.#inVain.delete(page)
    this.#denied.delete(`${upload}/${number}`)
    const acknowledged = this.#acknowledged.get(page) ?? new Set()
    this.#acknowledged.set(page, acknowledged.add(`${upload}/${number}`))
  }

  override saving(_page: Page, checkpoint: Checkpoint): void {
    if (/:\/\/storage|c0ffee/.test(JSON.stringify(checkpoint)))
      this.violate('secrets', JSON.stringify(checkpoint))
    if (checkpoint.stage === 'aborting') this.#world.buried(checkpoint.key, checkpoint.key)
    if (checkpoint.stage !== 'opened') return
    this.#layouts.set(JSON.stringify(checkpoint.session), checkpoint.layout)
    // A server may return a session that it was asked to throw away, and that no page knows any more.
    this.#acknowledged.clear()
  }

  override lostLocks(page: Page): void {
    this.#inVain.delete(page)
  }

  override shows(shown: UserUpload): void {
    const { status, error, page } = shown
    if (status === 'waiting') {
      this.#inVain.delete(page)
      this.#refused.delete(page)
    }
    const isChanged = this.#source.version > 0 && error instanceof FileChangedError
    const isBroken = error instanceof BackendError && !error.retryable
    const isHonest = isChanged || (error instanceof UploadError && honest.includes(error.code) && !isBroken)
    if (status === 'failed' && !isHonest) this.violate('causes', `${shown.name} fails: ${error}`)
  }

  override done(ended: UserUpload, { key, size }: UploadResult): void {
    const { storage, model } = this.#world
    const { key: keyOf } = contractOf(model.name)
    const isThere = [...storage.objects.keys()].some((upload) =>
      this.#truths.some((facts) => keyOf(upload, facts) === key),
    )
    if (!isThere || size !== this.#source.size) this.violate('content', `${ended.name} is said to be ${key}`)
    if (model.name.startsWith('bkend') && !this.#isRegistered(key))
      this.violate('content', `${key} is said to be done, and is not registered`)
  }

  override over({ page, name }: UserUpload): void {
    if (page.isBusy || this.#world.hasTombstones) return
    if (this.#world.uploadsOn(page).some(({ isOver }) => !isOver)) return
    const running = [...page.open]
      .map(({ port }) => port)
      .filter((port) => port !== 'changed' && port !== 'refresh')
    if (running.length > 0) this.violate('quiet', `${name} has ended, and there is still: ${running}`)
  }

  override final(): void {
    const { disk, open, isForgiven, locks, model } = this.#world
    for (const { page } of open) {
      if (page.open.size > 0)
        this.violate('quiet', `${page.name} never stops: ${[...page.open].map(({ port }) => port)}`)
    }
    if (locks.holders.size + locks.waiting.size + locks.listeners.size > 0)
      this.violate('quiet', 'a lock or a listener is left behind')
    if (disk.checkpoints.size > 0)
      this.violate('remains', `left behind: ${[...disk.checkpoints.values()].map(({ stage }) => stage)}`)
    const left = this.#world.openSessions().filter((id) => this.#isRemembered(id) || this.#wasTold(id))
    const hasAbort = model.name !== 'presigned, bare'
    if (left.length > 0 && hasAbort && !isForgiven) this.violate('remains', `sessions are left open: ${left}`)
  }

  /** The other referee's rules concern events that only its own backend and transport report. */
  override loaded(): void {}
  override writingReceipt(): void {}
  override receiptKept(): void {}
  override granted(): void {}
  override heard(): void {}
  override sessionOn(): undefined {}
  override progress(): void {}

  get #source() {
    const [source] = this.#world.sources
    if (source === undefined) throw new Error('There is no file')
    return source
  }

  /** All versions of the file so far. */
  get #versions(): readonly [Uint8Array, ...Uint8Array[]] {
    const later = Array.from({ length: this.#source.version }, (_, index) => this.#source.bytes(index + 1))
    return [this.#source.bytes(0), ...later]
  }

  /** A request contains one version's content, whichever it is. */
  get #truths(): readonly Facts[] {
    const { name, size } = this.#source
    return this.#versions.map((bytes) => ({
      name,
      size,
      digest: (algorithm) => digestOf(bytes, algorithm),
      parts: (upload) => this.#partsOf(upload, bytes),
      isRecorded: (upload, number) => this.#world.recorded.get(upload)?.has(number) ?? false,
      wasAsked: (path, key) =>
        this.#world.model.name === 'bkend, single' || this.#asked.has(`${path} ${key}`),
    }))
  }

  #partsOf(upload: string, content: Uint8Array): ReturnType<Facts['parts']> {
    const { partSize } = this.#layoutOf(upload)
    return Array.from({ length: Math.ceil(content.length / partSize) }, (_, index) => {
      const bytes = content.subarray(index * partSize, (index + 1) * partSize)
      return { number: index + 1, size: bytes.length, etag: etagOf(bytes) }
    })
  }

  /** A file that goes in one piece has no name in any checkpoint, or a layout of one part. */
  #layoutOf(upload: string): Pick<Layout, 'partSize'> {
    const found = [...this.#layouts].find(([session]) => names(session, upload))
    return found?.[1] ?? { partSize: this.#source.size }
  }

  /** By a page that lived on. One whose lock is taken goes on as if it had crashed, and Newton's next upload of the name ends what is left. */
  #wasTold(upload: string): boolean {
    const page = this.#told.get(upload)
    return page?.isAlive === true && !page.hasLostLocks && this.#world.model.name !== 'newton'
  }

  #isRemembered(upload: string): boolean {
    return [...this.#layouts.keys()].some((session) => names(session, upload))
  }

  #isKept(upload: string, number: number): boolean {
    const { disk } = this.#world
    return [...disk.checkpoints.values()].some(
      (one) =>
        one.stage === 'opened' &&
        names(JSON.stringify(one.session), upload) &&
        disk.read(one.key)?.receipts.some((receipt) => (receipt as { number: number }).number === number),
    )
  }

  #isRegistered(key: string): boolean {
    const { model, storage } = this.#world
    const request = { method: 'GET', url: `${base}/v1/files`, headers: {}, credentials: 'omit' } as const
    return model.answer(request, storage).body.includes(`"s3Key":"${key}"`)
  }

  /**
   * By what an earlier cancel has left; the server may have given the session to the next upload of the file. Where that was when this had
   * begun, little is lost.
   */
  #checkBurying(page: Page, request: string): void {
    const { disk, locks } = this.#world
    const isFirst = this.#buryings.size < this.#buryings.add(`${page.name} ${request}`).size
    const id = this.#world.openSessions().find((one) => isIn(request, one))
    if (!isFirst || id === undefined) return
    const kept = [...disk.checkpoints.values()].filter(
      (one) => (one.stage === 'opened' || one.stage === 'aborting') && names(JSON.stringify(one.session), id),
    )
    const isBurying = kept.some(({ key, stage }) => stage === 'aborting' && locks.holders.get(key) === page)
    if (isBurying && kept.some(({ stage }) => stage === 'opened'))
      this.violate('buried', `${page.name} throws away what is gone on with: ${request}`)
  }

  #checkObjects(): void {
    for (const [upload, object] of this.#world.storage.objects)
      if (!this.#versions.some((bytes) => object.equals(bytes)))
        this.violate('content', `the object of ${upload} is not the file`)
  }
}

function etagOf(bytes: Uint8Array): string {
  return `"${digestOf(bytes, 'md5')}"`
}

function isIn(request: string, upload: string): boolean {
  return request.includes(`/${upload}/`) || request.includes(`"${upload}"`)
}

/** Whether a session is this upload's: its id is a field, or the end of a key. */
function names(session: string, upload: string): boolean {
  return session.includes(`"${upload}"`) || session.includes(`/${upload}"`)
}
