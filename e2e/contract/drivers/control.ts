/** The `_control` of a reference server, by which tests make it misbehave. */
import type { Demo } from '../../../demo/server/demo.ts'
import type { Fault, Ordered, Step } from '../driver.ts'

export class Control {
  readonly #mount: string
  readonly #endpoints: Partial<Record<Step, string>>

  /** @param mount The server's path on the demo. @param endpoints Their names in its contract. */
  constructor(mount: string, endpoints: Partial<Record<Step, string>>) {
    this.#mount = mount
    this.#endpoints = endpoints
  }

  get steps(): readonly Step[] {
    return (['open', 'sign', 'complete'] as const).filter((step) => step in this.#endpoints)
  }

  async order(demo: Demo, step: Step, fault: Fault): Promise<Ordered> {
    const endpoint = this.#endpoints[step]
    const rule = { endpoint, ...rules[fault] }
    await this.send(demo, 'POST /faults', rule)
    return {
      hasHappened: async () => {
        const { rules: left } = await this.send(demo, 'GET /faults')
        return !left?.some((one) => one.endpoint === endpoint && one.times === rule.times)
      },
    }
  }

  async clear(demo: Demo): Promise<void> {
    await this.send(demo, 'DELETE /faults')
  }

  /** @param request As in `PATCH /settings`. */
  async send(demo: Demo, request: string, body: object = {}): Promise<Told> {
    const [method = '', path = ''] = request.split(' ')
    const hasBody = method !== 'GET' && method !== 'DELETE'
    const response = await fetch(`${demo.url}${this.#mount}/_control${path}`, {
      method,
      ...(hasBody && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${request} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Told
  }
}

/** The rules that have not yet fired as often as they should. */
type Told = { readonly rules?: readonly { readonly endpoint: string; readonly times: number }[] }

const rules = {
  // Twice, because Chromium itself repeats a request if a kept connection is cut without an answer.
  'lost-answer': { times: 2, effect: { kind: 'cut-answer' } },
  busy: { times: 1, effect: { kind: 'answer', status: 503, headers: { 'retry-after': '1' } } },
} as const
