import { basename } from 'node:path'
import type { Page, Route } from '@playwright/test'
import type { Driver, Fault, Ordered, Step } from '../driver.ts'
import { loseMultipartUploads } from '../stage.ts'

const api = '**/api/presigned'

const paths: Readonly<Record<Step, string>> = {
  open: `${api}/start-upload`,
  sign: `${api}/get-upload-urls`,
  complete: `${api}/complete/**`,
}

/** Its server has no `_control`, so requests go wrong on the way to it. */
export const presignedDriver: Driver = {
  name: 'presigned',
  inParts: true,
  aborts: true,
  tidy: async () => {},
  steps: ['open', 'sign', 'complete'],
  order: ({ page }, step, fault) => misbehaveOnce(page, paths[step], fault),
  expireTokens: ({ page }) => refuseFirstToken(page),
  loseSessions: loseMultipartUploads,
  read: (demo, { key }) =>
    fetch(`${demo.url}/api/presigned/download/${key.split('/').map(encodeURIComponent).join('/')}`),
  nameOf: async (_, { key }) => basename(key),
}

async function misbehaveOnce(page: Page, path: string, fault: Fault): Promise<Ordered> {
  let happened = false
  const answer = async (route: Route): Promise<void> => {
    happened = true
    await misbehave(route, fault)
  }
  await page.route(path, answer, { times: 1 })
  return { hasHappened: async () => happened }
}

async function misbehave(route: Route, fault: Fault): Promise<void> {
  if (fault === 'busy') return route.fulfill({ status: 503, headers: { 'retry-after': '1' } })
  await route.fetch()
  return route.abort('connectionreset')
}

/** Refreshed tokens end with a number. */
async function refuseFirstToken(page: Page): Promise<void> {
  await page.route(`${api}/**`, async (route) => {
    const isOld = !/ \d+$/.test(route.request().headers()['authorization'] ?? '')
    if (isOld) await route.fulfill({ status: 401, body: '' })
    else await route.fallback()
  })
}
