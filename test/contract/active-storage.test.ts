/** The library's client for direct uploads as in Active Storage, against the reference server. */
import { expect, test } from 'vitest'
import { activeStorage, activeStorageBlob } from '../../src/backends/active-storage.ts'
import { ActiveStorageClient } from '../demo/active-storage/client.ts'
import { activeStorageContract } from '../demo/contract/active-storage.ts'
import { activeStorageList } from '../demo/contract/contracts.ts'
import {
  callOn,
  clientRig,
  control,
  describe,
  fileOf,
  lookBack,
  tellsCodes,
  uploaderOn,
} from './client-rig.ts'

const rig = clientRig(activeStorageList)

async function vendor(): Promise<ReturnType<typeof activeStorage>> {
  const { apiKey } = await (await fetch(`${rig().base}/api/session`, { method: 'POST' })).json()
  return activeStorage({ baseUrl: rig().base, headers: { 'x-api-key': apiKey } })
}

/** Keeps cookies, as a page does and Node does not. */
async function rails(): Promise<ReturnType<typeof activeStorage>> {
  const response = await fetch(`${rig().base}/session`, { method: 'POST' })
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  const { csrfToken } = await response.json()
  const path = '/rails/active_storage/direct_uploads'
  return activeStorage({ baseUrl: rig().base, path, csrf: () => csrfToken, headers: { cookie } })
}

test.each([
  ['a vendor', vendor],
  ['Rails', rails],
])('a file goes up as %s specifies, and its signed id leads to it', async (_, backend) => {
  const file = fileOf(1_000)
  const result = await uploaderOn(rig(), await backend()).uploadFile(file)
  const client = await ActiveStorageClient.open(rig().demo)
  const stored = await client.download(activeStorageBlob(result).signed_id)
  expect(stored.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
})

tellsCodes({
  codes: Object.fromEntries(activeStorageContract.errors.map(({ code, status }) => [code, status])),
  order: (code) => {
    const effect = { kind: 'error', code, message: 'as ordered' }
    return control(rig().base, 'POST /faults', { endpoint: 'POST /api/v1/upload/direct', effect })
  },
  async provoke() {
    const adapter = await vendor()
    const file = { ...describe(3), digest: 'ab'.repeat(16) }
    const { session } = await adapter.open(file, callOn(rig()))
    return adapter.sign(session, [{ number: 1, offset: 0, size: 3 }], callOn(rig()))
  },
})

lookBack(activeStorageList, rig)
