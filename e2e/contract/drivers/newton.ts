import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { Demo } from '../../../demo/server/demo.ts'
import { partSize } from '../../fixtures.ts'
import type { Driver, Result } from '../driver.ts'
import { Control } from './control.ts'
import { withToken } from './with-token.ts'

const mount = '/newton'

const control = new Control(mount, {
  // There is no `sign`: the answer has the parts' URLs.
  open: 'POST /files/uploads/initiate',
  complete: 'POST /files/uploads/:uploadId/complete',
})

export const newtonDriver: Driver = {
  name: 'newton',
  inParts: true,
  aborts: true,
  arrange: async ({ controls }) => {
    controls.newton.settings.change({ partSize, integrity: 'crc32c', firstPart: 1 })
  },
  tidy: (demo) => control.clear(demo),
  steps: control.steps,
  order: ({ demo }, step, fault) => control.order(demo, step, fault),
  expireTokens: async ({ demo }) => demo.controls.newton.tokens.expire(),
  loseSessions: async ({ controls }) => controls.newton.expireSessions(),
  read: async (demo, result) => {
    const { file_uid } = await metadata(demo, result)
    const Key = `newton/${file_uid}`
    const { Body } = await demo.s3.send(new GetObjectCommand({ Bucket: demo.bucket, Key }))
    const bytes = await Body?.transformToByteArray()
    return new Response(bytes && new Blob([bytes as BlobPart]))
  },
  nameOf: async (demo, result) => (await metadata(demo, result)).file_name,
}

type Metadata = { readonly file_uid: string; readonly file_name: string }

async function metadata(demo: Demo, { key }: Result): Promise<Metadata> {
  const url = `${demo.url}${mount}/files/metadata/${encodeURIComponent(key)}`
  return (await fetch(url, await withToken(demo, mount))).json()
}
