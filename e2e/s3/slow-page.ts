/** Slows down a page with the browser's own tools, for tests without a relay between page and storage. */
import type { Page } from '@playwright/test'
import { mebibyte } from '../fixtures.ts'

/** @returns A function that undoes it. */
export async function slowDown(page: Page, mebibytesPerSecond: number): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  const emulate = (uploadThroughput: number): Promise<unknown> =>
    session.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput })
  await emulate(mebibytesPerSecond * mebibyte)
  return async () => {
    await emulate(-1)
    await session.detach()
  }
}

/** Numbers of the parts that the page begins to send from now on. */
export function partsSent(page: Page): readonly number[] {
  const numbers: number[] = []
  page.on('request', (request) => {
    const number = new URL(request.url()).searchParams.get('partNumber')
    if (request.method() === 'PUT' && number !== null) numbers.push(Number(number))
  })
  return numbers
}
