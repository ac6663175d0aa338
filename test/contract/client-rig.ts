/** The library on a reference server: its engine and its adapters, and in the browser's place what Node has. */
import { createHash } from 'node:crypto'
import { createCRC32 } from 'hash-wasm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Demo } from '../../demo/server/demo.ts'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import { HttpError } from '../../src/errors.ts'
import type { ApiTransport, Backend, DigestAlgorithm, Hasher, Json, PartTransport } from '../../src/ports.ts'
import { apiTransport } from '../../src/transport/api.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import type { ContractList } from '../demo/contract/contract-list.ts'
import { whyNotUsed } from '../demo/contract/not-used.ts'
import { rowsOf } from '../demo/contract/rows.ts'
import { Coverage } from '../demo/reference/coverage.ts'
import { demoForTests } from '../demo/rig.ts'
import { FakeConnectivity } from '../fakes/connectivity.ts'
import { FakeBrowser } from '../fakes/tabs.ts'

export const mebibyte = 1024 * 1024

export type ClientRig = {
  readonly demo: Demo
  /** Where the reference server is. */
  readonly base: string
  /** Makes real calls, and notes what they meet of the contract. */
  readonly api: ApiTransport
  readonly coverage: Coverage
}

/** The rig is there from `beforeAll` on. */
export function clientRig(contract: ContractList): () => ClientRig {
  // Real servers, real bytes, and perhaps a busy machine.
  vi.setConfig({ testTimeout: 30_000 })
  let rig: ClientRig | undefined
  beforeAll(async () => {
    const demo = await demoForTests({ partSize: 5 * mebibyte })
    const base = demo.url + contract.mount
    const coverage = new Coverage(contract, 'client')
    rig = { demo, base, coverage, api: noting(coverage, base) }
  })
  afterAll(() => rig?.demo.close())
  return () => {
    if (rig === undefined) throw new Error('Expected the rig to be asked for in a test')
    return rig
  }
}

function noting(coverage: Coverage, base: string): ApiTransport {
  return {
    async send(request, call) {
      const answer = await apiTransport.send(request, call)
      coverage.note({
        request: `${request.method} ${request.url.slice(base.length)}`,
        body: request.json === undefined ? undefined : { ...(request.json as object) },
        status: answer.status,
        answer: parsed(answer.body),
      })
      return answer
    },
  }
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
  { api }: ClientRig,
  backend: Backend<Session>,
  options: Partial<UploaderOptions<Session>> = {},
): Uploader {
  return new Uploader({
    backend,
    api,
    transport: fetchTransport,
    hasher: nodeHasher,
    checkpoints: memoryCheckpoints(),
    tabs: new FakeBrowser().tab(),
    connectivity: new FakeConnectivity(),
    partSize: 5 * mebibyte,
    retry: { baseDelay: 1 },
    ...options,
  } as UploaderOptions)
}

const fetchTransport: PartTransport = {
  async send({ url, method, headers }, body, { signal }) {
    const response = await fetch(url, { method, headers: { ...headers }, body, signal })
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    }
  },
}

const nodeHasher: Hasher = {
  async digest(blob, algorithm) {
    const bytes = new Uint8Array(await blob.arrayBuffer())
    if (algorithm !== 'crc32c') return createHash(nameOf(algorithm)).update(bytes).digest('hex')
    return (await createCRC32(0x82f63b78)).update(bytes).digest()
  },
}

/** The digests that servers look at are those that Node has; for the others any that tells contents apart will do. */
function nameOf(algorithm: DigestAlgorithm): string {
  return algorithm === 'md5' || algorithm === 'sha256' ? algorithm : 'sha1'
}

/** A file of so many bytes, each different from its neighbours. */
export function fileOf(size: number, name = 'a file.bin', type = 'text/plain'): File {
  const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) % 256)
  return new File([bytes], name, { type, lastModified: 1 })
}

/** What the server said, however the library has wrapped it. */
export function refusalIn(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error
  return error instanceof Error ? refusalIn(error.cause) : undefined
}

/** Last in each file: it looks back. */
export function lookBack(contract: ContractList, rig: () => ClientRig): void {
  test('nothing of the contract was left out above, but what the library has no use for', () => {
    const gaps = rig().coverage.gaps()
    expect(gaps.filter((gap) => whyNotUsed(contract, gap) === undefined)).toEqual([])
    const unused = rowsOf(contract)
      .filter(({ name, sides }) => sides.includes('client') && whyNotUsed(contract, name) !== undefined)
      .map(({ name }) => name)
    expect(unused.filter((name) => !gaps.includes(name))).toEqual([])
  })
}
