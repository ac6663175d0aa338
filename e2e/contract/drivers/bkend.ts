import type { Demo } from '../../../demo/server/demo.ts'
import type { Driver, Result } from '../driver.ts'
import { loseMultipartUploads } from '../stage.ts'
import { Control } from './control.ts'

const mount = '/api/bkend'

export const bkendControl = new Control(mount, {
  open: 'POST /v1/files/multipart/init',
  sign: 'POST /v1/files/multipart/presigned-url',
  complete: 'POST /v1/files/multipart/complete',
})

export const bkendDriver: Driver = {
  name: 'bkend',
  inParts: true,
  aborts: true,
  tidy: (demo) => bkendControl.clear(demo),
  steps: bkendControl.steps,
  order: ({ demo }, step, fault) => bkendControl.order(demo, step, fault),
  expireTokens: async ({ demo }) => void (await bkendControl.send(demo, 'POST /expire-tokens')),
  loseSessions: loseMultipartUploads,
  read: async (demo, result) => {
    const { url } = await call(demo, 'POST', `/v1/files/${idOf(result)}/download-url`)
    return fetch(url ?? '')
  },
  nameOf: async (demo, result) =>
    (await call(demo, 'GET', `/v1/files/${idOf(result)}`)).originalName ?? 'none',
}

function idOf({ details }: Result): string {
  return (details as { readonly id: string }).id
}

type Answer = { readonly url?: string; readonly originalName?: string }

async function call({ url }: Demo, method: string, path: string): Promise<Answer> {
  const session = await (await fetch(`${url}${mount}/session`, { method: 'POST' })).json()
  const response = await fetch(url + mount + path, {
    method,
    headers: {
      'x-api-key': session.apiKey,
      authorization: `Bearer ${session.accessToken}`,
      'content-type': 'application/json',
    },
    ...(method === 'POST' && { body: '{}' }),
  })
  return response.json()
}
