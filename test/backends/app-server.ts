/** The application's server, mocked with msw. It gives the answers that a test sets, and records the requests. */
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll } from 'vitest'

export type Seen = {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

/** The answers to the next requests, one after the other; the last one is repeated. */
export type Answers = readonly [Answer, ...Answer[]]
export type Answer = (seen: Seen) => Response

export type AppServer = { answering(...answers: Answers): readonly Seen[] }

/** @param origin Such as `https://app.test`. Paths are recorded without it. */
export function appServer(origin: string): AppServer {
  const server = setupServer()
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
  afterEach(() => server.resetHandlers())
  afterAll(() => server.close())
  return {
    answering(...answers) {
      const seen: Seen[] = []
      server.use(
        http.all(`${origin}/*`, async ({ request }) => {
          const one = await read(request, origin)
          seen.push(one)
          return (answers[seen.length - 1] ?? answers[answers.length - 1] ?? json({}))(one)
        }),
      )
      return seen
    },
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return () => HttpResponse.json(body as never, { status, headers })
}

export function empty(status = 200): Answer {
  return () => new HttpResponse(null, { status })
}

async function read(request: Request, origin: string): Promise<Seen> {
  const { method, headers, url } = request
  const text = await request.text()
  return { method, path: url.slice(origin.length), headers, body: text === '' ? undefined : JSON.parse(text) }
}

/** The error that the call failed with; the test fails if the call did not. */
export async function failureOf(call: PromiseLike<unknown> | undefined): Promise<Error> {
  const outcome = await Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof Error) return outcome
  throw new Error(`Expected the call to reject with an error, got ${outcome}`)
}
