/**
 * The network in a process of its own, so that it takes no time from the servers and the bench. Prints `{"control":…}`
 * when it is ready, and ends with the process that started it.
 *
 *     node bench/relay/main.ts '{"rate":5000000,"latency":200}'
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Relay } from './relay.ts'
import type { BeginRequest, CarriedAnswer, OpenAnswer, OpenRequest, Shape } from './shape.ts'

const relay = new Relay(JSON.parse(process.argv[2] ?? '{}') as Shape)

const control = createServer(async (request, response) => {
  const body = request.method === 'POST' ? await json(request) : undefined
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify(await answerTo(request.url, body)))
})

async function answerTo(path: string | undefined, body: unknown): Promise<unknown> {
  switch (path) {
    case '/open':
      return { url: await relay.open((body as OpenRequest).target) } satisfies OpenAnswer
    case '/begin':
      relay.begin((body as BeginRequest).stallAfter)
      return {}
    default:
      return { bytes: relay.carried } satisfies CarriedAnswer
  }
}

control.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ control: `http://127.0.0.1:${(control.address() as AddressInfo).port}` }))
})
process.stdin.resume().on('end', () => process.exit())
