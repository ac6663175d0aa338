/** The library's client for the presigned contract, against its reference server. */
import { expect, test } from 'vitest'
import { presigned } from '../../src/backends/presigned.ts'
import type { Backend } from '../../src/ports.ts'
import { presignedContract } from '../demo/contract/presigned.ts'
import { callOn, clientRig, describe, fileOf, lookBack, mebibyte, uploaderOn } from './client-rig.ts'

const rig = clientRig(presignedContract)

type Session = { readonly key: string; readonly uploadId: string }

function backend(): Backend<Session> {
  const endpoints = { listParts: '/list-parts', status: '/status', abort: '/abort' }
  return presigned({ baseUrl: rig().base, endpoints })
}

async function stored(key: string): Promise<Buffer> {
  const response = await fetch(`${rig().base}/download/${key.split('/').map(encodeURIComponent).join('/')}`)
  return Buffer.from(await response.arrayBuffer())
}

test.each([0, 1, 11 * mebibyte])('a file of %i bytes is started, sent and completed', async (size) => {
  const file = fileOf(size)
  const { key } = await uploaderOn(rig(), backend()).uploadFile(file)
  expect((await stored(key)).equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
})

test('an upload is listed, its status is requested, and it is aborted', async () => {
  const call = callOn(rig())
  const adapter = backend()
  const file = describe(6 * mebibyte)
  const { session } = await adapter.open(file, call)
  expect(await adapter.reopen?.(session, file, call)).toEqual({ parts: [], source: 'storage' })
  expect(await adapter.status?.(session, call)).toEqual({ state: 'open' })
  await adapter.abort?.(session, call)
  expect(await adapter.status?.(session, call)).toEqual({ state: 'gone' })
})

lookBack(presignedContract, rig)
