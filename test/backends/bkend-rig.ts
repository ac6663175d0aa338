/** The adapter with a real Uploader, against the reference server and its store. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { type BkendOptions, bkend } from '../../src/backends/bkend.ts'
import { type BkendTokens, bkendAccess } from '../../src/backends/bkend-access.ts'
import type { BkendFile } from '../../src/backends/bkend-file.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { type BkendFiles, bkendFiles } from '../../src/files/bkend-files.ts'
import type { ApiRequest, ApiTransport, CheckpointStore, Json } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { type Called, call } from '../demo/calls.ts'
import { demoForTests } from '../demo/rig.ts'
import { FetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { FakeHasher } from '../fakes/uploader.ts'

export const mebibyte = 1024 * 1024

export type Session = BkendTokens & { readonly apiKey: string }

/** A signed-in user's page, whose checkpoints outlive a `reload`. */
export class Page {
  readonly base: string
  readonly user: string
  readonly session: Session
  readonly transport = new FetchTransport()
  readonly checkpoints: CheckpointStore = memoryCheckpoints()
  /** Every call to the API, in order. */
  readonly calls: ApiRequest[] = []
  readonly tokens: BkendTokens[] = []
  readonly files: BkendFiles
  readonly #api: ApiTransport = {
    send: (request, one) => {
      this.calls.push(request)
      return apiTransport.send(request, one)
    },
  }

  private constructor(base: string, user: string, session: Session) {
    this.base = base
    this.user = user
    this.session = session
    const { apiKey, accessToken } = session
    this.files = bkendFiles({ baseUrl: base, apiKey, accessToken: () => this.current ?? accessToken })
  }

  static async open({ url }: Demo, user: string): Promise<Page> {
    const base = `${url}/api/bkend`
    const { body } = await call(base, 'POST /session', { user })
    return new Page(base, user, body as Session)
  }

  /** The newest access token. */
  get current(): string | undefined {
    return this.tokens.at(-1)?.accessToken
  }

  /** Small parts, and no waiting between attempts. */
  load(options: Partial<BkendOptions> = {}, more: Partial<UploaderOptions> = {}): Uploader {
    const { apiKey } = this.session
    const { accessToken, refreshToken } = this.tokens.at(-1) ?? this.session
    const onTokens = (tokens: BkendTokens): void => void this.tokens.push(tokens)
    const access = bkendAccess({
      baseUrl: this.base,
      apiKey,
      accessToken,
      refreshToken,
      onTokens,
      ...options,
    })
    return new Uploader({
      backend: bkend({ singleLimit: mebibyte, ...options, ...access }),
      transport: this.transport,
      api: this.#api,
      checkpoints: this.checkpoints,
      tabs: new FakeBrowser().tab(),
      hasher: new FakeHasher(),
      partSize: 5 * mebibyte,
      retry: { baseDelay: 1, maxDelay: 2 },
      ...more,
    })
  }

  /** The called paths, in order. */
  get paths(): readonly string[] {
    return this.calls.map(({ method, url }) => `${method} ${url.slice(this.base.length).split('?')[0]}`)
  }

  bodies(path: string): readonly (Json | undefined)[] {
    return this.calls.filter(({ url }) => url === this.base + path).map(({ json }) => json)
  }

  /** Numbers of the parts that were sent, ascending. */
  get partsSent(): readonly number[] {
    return this.transport.sent.map(({ target }) => target.number).sort((a, b) => a - b)
  }

  control(endpoint: string, body: unknown = {}): Promise<Called> {
    return call(`${this.base}/_control`, endpoint, JSON.stringify(body))
  }

  fault(endpoint: string, effect: object, times = 1): Promise<Called> {
    return this.control('POST /faults', { endpoint, effect, times })
  }

  /** All files that this user has registered. */
  async registered(): Promise<readonly BkendFile[]> {
    const found: BkendFile[] = []
    for await (const file of this.files.all({ ownerId: this.user, limit: 100 })) found.push(file)
    return found
  }

  /** The stored bytes of a file, and their type. */
  async download(id: string): Promise<{ readonly bytes: Buffer; readonly type: string | null }> {
    const { url } = await this.files.downloadUrl(id)
    const response = await fetch(url)
    return { bytes: Buffer.from(await response.arrayBuffer()), type: response.headers.get('content-type') }
  }
}

/** A file in which no two places look the same. */
export function fileOf(size: number, name = 'file.bin', type = ''): File {
  const bytes = new Uint32Array(Math.ceil(size / 4)).map((_, index) => index * 2654435761)
  return new File([new Uint8Array(bytes.buffer, 0, size)], name, { lastModified: 1, type })
}

/**
 * A demo for the tests of a file, and a page with its own user for each test. Faults that a test orders end with the
 * test.
 */
export function withPages(use: (page: Page, demo: Demo) => void): void {
  let demo: Demo
  let page: Page
  let users = 0
  beforeAll(async () => {
    demo = await demoForTests()
  })
  afterAll(() => demo.close())
  beforeEach(async () => {
    users += 1
    page = await Page.open(demo, `user-${users}`)
    use(page, demo)
  })
  afterEach(async () => {
    await page.control('DELETE /faults')
    await page.control('PATCH /settings', { answers: 'bare', errors: 'nested' })
  })
}
