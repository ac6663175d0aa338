import type { Demo } from '../../../demo/server/demo.ts'
import { partSize } from '../../fixtures.ts'
import type { Driver, Result } from '../driver.ts'
import { Control } from './control.ts'
import { withToken } from './with-token.ts'

const mount = '/fragno'

const control = new Control(mount, {
  open: 'POST /uploads',
  sign: 'POST /uploads/:uploadId/parts',
  complete: 'POST /uploads/:uploadId/complete',
})

export const fragnoDriver: Driver = {
  name: 'fragno',
  inParts: true,
  aborts: true,
  arrange: async ({ controls }) => {
    controls.fragno.settings.change({ strategy: 'direct-multipart', partSize })
  },
  tidy: (demo) => control.clear(demo),
  steps: control.steps,
  order: ({ demo }, step, fault) => control.order(demo, step, fault),
  expireTokens: async ({ demo }) => demo.controls.fragno.tokens.expire(),
  loseSessions: async ({ controls }) => controls.fragno.expireSessions(),
  read: (demo, result) => file(demo, result, '/content'),
  nameOf: async (demo, result) => (await (await file(demo, result)).json()).filename,
}

async function file(demo: Demo, { key }: Result, what = ''): Promise<Response> {
  const query = new URLSearchParams({ provider: 's3', key })
  return fetch(`${demo.url}${mount}/files/by-key${what}?${query}`, await withToken(demo, mount))
}
