import { describe, expect, inject, test } from 'vitest'
import { apiTransport } from '../../src/transport/api.ts'

const server = inject('server')

describe('apiTransport', () => {
  /** What a request to there has taken along, as its receiver tells it. */
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

  test('takes the headers of the application along', async () => {
    expect(await headersAt('/')).toMatchObject({ authorization: 'Bearer canary', 'x-api-key': 'canary' })
  })

  test('gives an answer up when its own time is over, as no answer', async () => {
    const url = `${server}/hang`
    const call = { signal: new AbortController().signal }
    const request = { method: 'POST', url, headers: {}, credentials: 'same-origin', timeout: 200 } as const
    await expect(apiTransport.send(request, call)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('no answer within 0.2 s'),
    })
  })

  // As docs/security.md says: where the application's server redirects to, it has to be trusted with those.
  test('follows a redirect of its server, to another host without Authorization, but with all other headers', async () => {
    const arrived = await headersAt('/redirect/307/localhost')
    expect(arrived).toMatchObject({ 'x-api-key': 'canary' })
    expect(arrived).not.toHaveProperty('authorization')
  })

  // The state of an upload, say, from a server that lets everything be kept for a while.
  test('asks the server, and not what the browser has kept of an earlier answer', async () => {
    const url = `${server}/cached?${Math.random()}`
    const request = { method: 'GET', url, headers: {}, credentials: 'same-origin' } as const
    const answers: string[] = []
    for (let time = 0; time < 2; time++)
      answers.push((await apiTransport.send(request, { signal: new AbortController().signal })).body)
    expect(Number(answers[1])).toBe(Number(answers[0]) + 1)
  })

  // How many servers ask for a sign-in. What was asked for has not been done, whatever the page is answered with.
  test.each([302, 303, 307])('takes a redirect (%i) to a page for a 401', async (status) => {
    const url = `${server}/signed-out/${status}`
    const request = { method: 'POST', url, headers: {}, credentials: 'same-origin', json: {} } as const
    const answer = await apiTransport.send(request, { signal: new AbortController().signal })
    expect(answer).toMatchObject({ status: 401, body: `redirected to the page ${server}/sign-in` })
  })

  test('leaves a page that the server answers with itself as it is', async () => {
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
