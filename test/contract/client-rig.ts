/** The library against a reference server: its engine and its adapters, with Node's means in place of the browser's. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { HttpError } from '../../src/errors.ts'
import type {
  ApiRequest,
  ApiResponse,
  ApiTransport,
  Backend,
  BackendCall,
  DigestAlgorithm,
  FileDescription,
  Hasher,
  Json,
  PartTransport,
} from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import type { ContractList } from '../demo/contract/contract-list.ts'
import { whyNotUsed } from '../demo/contract/not-used.ts'
import { rowsOf } from '../demo/contract/rows.ts'
import { Coverage } from '../demo/reference/coverage.ts'
import { demoForTests } from '../demo/rig.ts'
import { FakeConnectivity } from '../fakes/connectivity.ts'
import { fetchTransport } from '../fakes/fetch-transport.ts'
import { FakeBrowser } from '../fakes/tabs.ts'
import { otherCrc } from '../hashing/other-crc.ts'

export const mebibyte = 1024 * 1024

export type ClientRig = {
  readonly demo: Demo
  /** The address of the reference server. */
  readonly base: string
  /** Makes real calls, and records what they meet of the contract. */
  readonly api: ApiTransport
  readonly coverage: Coverage
}

/** The rig exists from `beforeAll` on. */
export function clientRig(contract: ContractList): () => ClientRig {
  // Real servers and real bytes, on a machine that may be busy.
  vi.setConfig({ testTimeout: 30_000 })
  let rig: ClientRig | undefined
  beforeAll(async () => {
    const demo = await demoForTests({ partSize: 5 * mebibyte })
    const base = demo.url + contract.mount
    const coverage = new Coverage(contract, 'client')
    rig = { demo, base, coverage, api: noting({ base, coverage }) }
  })
  afterAll(() => rig?.demo.close())
  return () => {
    if (rig === undefined) throw new Error('Expected the rig to be asked for in a test')
    return rig
  }
}

type NotingRig = Pick<ClientRig, 'base' | 'coverage'>

function noting(rig: NotingRig): ApiTransport {
  return {
    async send(request, call) {
      const answer = await apiTransport.send(request, call)
      const body = request.json === undefined ? undefined : { ...(request.json as object) }
      note(rig, { ...request, body }, answer)
      return answer
    },
  }
}

/** Bytes that go through the server are a call of its contract as well. */
function notingParts(rig: NotingRig): PartTransport {
  return {
    async send(target, body, call) {
      const answer = await fetchTransport.send(target, body, call)
      if (target.url.startsWith(rig.base)) note(rig, { ...target, body: undefined }, answer)
      return answer
    },
  }
}

type Request = Pick<ApiRequest, 'method' | 'url'> & { readonly body: object | undefined }

function note(
  { coverage, base }: NotingRig,
  { method, url, body }: Request,
  answer: Pick<ApiResponse, 'status' | 'body'>,
): void {
  const request = `${method} ${url.slice(base.length)}`
  coverage.note({ request, body: body && { ...body }, status: answer.status, answer: parsed(answer.body) })
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Retries at once. */
export function uploaderOn<Session extends Json>(
  rig: ClientRig,
  backend: Backend<Session>,
  options: Partial<UploaderOptions<Session>> = {},
): Uploader {
  return new Uploader({
    backend,
    api: rig.api,
    transport: notingParts(rig),
    hasher: nodeHasher,
    checkpoints: memoryCheckpoints(),
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    partSize: 5 * mebibyte,
    retry: { baseDelay: 1 },
    ...options,
  } as UploaderOptions)
}

const nodeHasher: Hasher = {
  async digest(blob, algorithm) {
    const bytes = new Uint8Array(await blob.arrayBuffer())
    if (algorithm !== 'crc32c') return createHash(nameOf(algorithm)).update(bytes).digest('hex')
    return otherCrc('crc32c', bytes)
  },
}

/** Servers check only digests that Node has too. For the others, any digest that distinguishes contents will do. */
function nameOf(algorithm: DigestAlgorithm): string {
  return algorithm === 'md5' || algorithm === 'sha256' ? algorithm : 'sha1'
}

/** A file with this many bytes, each different from its neighbours. */
export function fileOf(size: number, name = 'a file.bin', type = 'text/plain'): File {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256)
  return new File([bytes], name, { type, lastModified: 1 })
}

/** A call as the engine makes it. */
export function callOn({ api }: ClientRig): BackendCall {
  return { api, signal: new AbortController().signal }
}

/** The file as an adapter gets it. */
export function describe(size: number, name = 'a file.bin'): FileDescription {
  const digest = createHash('sha256').update(`${name} ${size}`).digest('hex')
  const about = { name, size, relativePath: '', lastModified: 1, type: 'text/plain', digest, params: {} }
  return { ...about, pictureSize: async () => undefined }
}

/** The server's message, however the library has wrapped it. */
function refusalIn(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error
  return error instanceof Error ? refusalIn(error.cause) : undefined
}

export type Provocation = {
  /** Each code with its status. */
  readonly codes: Readonly<Record<string, number>>
  /** The answer to the next call of `provoke`. */
  order(code: string): Promise<void>
  provoke(): Promise<unknown>
}

export function tellsCodes({ codes, order, provoke }: Provocation): void {
  test.each(Object.entries(codes))(
    '%s reaches the application as the server sent it',
    async (code, status) => {
      await order(code)
      const error = await provoke().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(refusalIn(error)).toMatchObject({ status })
      expect(String(refusalIn(error))).toContain('as ordered')
    },
  )
}

/** The address for faults that a reference server is ordered to cause, over HTTP. */
export async function control(base: string, request: string, body: object): Promise<void> {
  const [method = '', path = ''] = request.split(' ')
  const response = await fetch(`${base}/_control${path}`, { method, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${request} answered ${response.status}: ${await response.text()}`)
}

/** Must be the last in each file, because it checks all calls above. */
export function lookBack(contract: ContractList, rig: () => ClientRig): void {
  test('the tests above covered the whole contract, except what the library does not use', () => {
    const gaps = rig().coverage.gaps()
    expect(gaps.filter((gap) => whyNotUsed(contract, gap) === undefined)).toEqual([])
    const unused = rowsOf(contract)
      .filter(({ name, sides }) => sides.includes('client') && whyNotUsed(contract, name) !== undefined)
      .map(({ name }) => name)
    expect(unused.filter((name) => !gaps.includes(name))).toEqual([])
  })
}

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}
