import { expect, test, vi } from 'vitest'
import { follow, snapshotOf } from '../../docs/examples/follow.ts'
import { StoringTransport } from '../fakes/part-transport.ts'
import { fileOf, rig } from '../fakes/uploader.ts'

test('every change of an upload is reported with a new snapshot, until following stops', async () => {
  const { uploader } = rig({ transport: new StoringTransport() })
  const upload = uploader.uploadFile(fileOf(12))
  const snapshots = [snapshotOf(upload)]
  follow(upload, () => snapshots.push(snapshotOf(upload)))
  const unwanted = vi.fn()
  follow(upload, unwanted)()
  await upload
  const states = new Set(snapshots.map(({ state }) => state.status))
  expect([...states]).toEqual(['waiting', 'opening', 'uploading', 'completing', 'done'])
  expect(snapshots.at(-1)).toMatchObject({ state: { status: 'done' }, progress: { confirmed: 12 } })
  expect(unwanted).not.toHaveBeenCalled()
})
