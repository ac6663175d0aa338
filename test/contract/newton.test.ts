/** The library's client for Newton's contract, against its reference server. */
import { expect, test } from 'vitest'
import { demoToken } from '../../demo/server/backends/reference/control.ts'
import { newton } from '../../src/backends/newton.ts'
import { newtonContract } from '../demo/contract/newton.ts'
import {
  callOn,
  clientRig,
  describe,
  fileOf,
  lookBack,
  mebibyte,
  tellsCodes,
  uploaderOn,
} from './client-rig.ts'

const rig = clientRig(newtonContract)

function backend(): ReturnType<typeof newton> {
  return newton({ baseUrl: rig().base, apiKey: demoToken })
}

test.each(['none', 'crc32c'] as const)(
  "a file goes up in the server's parts, with integrity %s",
  async (integrity) => {
    rig().demo.controls.newton.settings.change({ partSize: 5 * mebibyte, integrity })
    const file = fileOf(11 * mebibyte, `${integrity}.bin`)
    const { key, details } = await uploaderOn(rig(), backend()).uploadFile(file)
    expect(key).toBe(file.name)
    expect(details).toMatchObject({ num_bytes: file.size, file_status: 'Registered' })
  },
)

test('a file is looked up if completing it was not answered', async () => {
  const effect = { kind: 'answer', status: 502, when: 'after' } as const
  rig().demo.controls.newton.faults.add({ endpoint: 'POST /files/uploads/:uploadId/complete', effect })
  const { details } = await uploaderOn(rig(), backend()).uploadFile(fileOf(3, 'looked-up.bin'))
  expect(details).toMatchObject({ num_bytes: 3 })
})

test('parts get checkpoints and fresh URLs, and an upload is aborted', async () => {
  const [call, adapter] = [callOn(rig()), backend()]
  const { session, cuts = [] } = await adapter.open(describe(11 * mebibyte), call)
  expect(await adapter.sign(session, cuts, call)).toHaveLength(3)
  await adapter.record?.(session, [{ number: 2, size: 5 * mebibyte, etag: '"a"' }], call)
  const reopened = await adapter.reopen?.(session, describe(11 * mebibyte), call)
  expect(reopened?.parts.map(({ number }) => number)).toEqual([2])
  await adapter.abort?.(session, call)
  expect(await adapter.status?.(session, call)).toEqual({ state: 'gone', isGuess: true })
})

tellsCodes({
  codes: newtonContract.codes,
  order: async (code) => {
    const effect = { kind: 'error', code, message: 'as ordered' } as const
    rig().demo.controls.newton.faults.add({ endpoint: 'POST /files/uploads/:uploadId/parts/urls', effect })
  },
  async provoke() {
    const { session, cuts = [] } = await backend().open(describe(11 * mebibyte, 'refused.bin'), callOn(rig()))
    return backend().sign(session, cuts, callOn(rig()))
  },
})

lookBack(newtonContract, rig)
