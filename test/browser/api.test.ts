import { describe, expect, inject, test } from 'vitest'
import { apiTransport } from '../../src/transport/api.ts'

const server = inject('server')

describe('apiTransport', () => {
  /** The headers that a request to that address carried, as its receiver reports them. */
  async function headersAt(path: string): Promise<Record<string, string>> {
    const headers = { authorization: 'Bearer canary', 'x-api-key': 'canary' }
    const request = {
      method: 'POST',
      url: `${server}${path}`,
      headers,
      credentials: 'same-origin',
      json: {},
    } as const
    const { body } = await apiTransport.send(request, { signal: new AbortController().signal })
    return JSON.parse(body).headers
  }

  test("sends the application's headers", async () => {
    expect(await headersAt('/')).toMatchObject({ authorization: 'Bearer canary', 'x-api-key': 'canary' })
  })

  test('gives up on an answer when its own time is over, as if no answer came', async () => {
    const url = `${server}/hang`
    const call = { signal: new AbortController().signal }
    const request = { method: 'POST', url, headers: {}, credentials: 'same-origin', timeout: 200 } as const
    await expect(apiTransport.send(request, call)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('no answer within 0.2 s'),
    })
  })

  // docs/security.md says that the application must trust the hosts that its server redirects to.
  test('follows a redirect to another host without Authorization, but with all other headers', async () => {
    const arrived = await headersAt('/redirect/307/localhost')
    expect(arrived).toMatchObject({ 'x-api-key': 'canary' })
    expect(arrived).not.toHaveProperty('authorization')
  })

  // For example the state of an upload, from a server that lets browsers cache everything.
  test("asks the server instead of the browser's cache", async () => {
    const url = `${server}/cached?${Math.random()}`
    const request = { method: 'GET', url, headers: {}, credentials: 'same-origin' } as const
    const answers: string[] = []
    for (let time = 0; time < 2; time++)
      answers.push((await apiTransport.send(request, { signal: new AbortController().signal })).body)
    expect(Number(answers[1])).toBe(Number(answers[0]) + 1)
  })

  // Many servers ask for a sign-in like this. The request has had no effect, whatever the page answers.
  test.each([302, 303, 307])('takes a redirect (%i) to a page for a 401', async (status) => {
    const url = `${server}/signed-out/${status}`
    const request = { method: 'POST', url, headers: {}, credentials: 'same-origin', json: {} } as const
    const answer = await apiTransport.send(request, { signal: new AbortController().signal })
    expect(answer).toMatchObject({ status: 401, body: `redirected to the page ${server}/sign-in` })
  })

  test('does not change a page that the server itself answers with', async () => {
    const request = {
      method: 'POST',
      url: `${server}/sign-in`,
      headers: {},
      credentials: 'same-origin',
    } as const
    const answer = await apiTransport.send(request, { signal: new AbortController().signal })
    expect(answer).toMatchObject({ status: 200, body: '<!DOCTYPE html>\n<title>Sign in</title>' })
  })
})
