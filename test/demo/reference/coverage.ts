/** Keeps what of a contract was met by the calls of tests, and which calls the contract does not have. */
import type { ContractEndpoint, ContractList } from '../contract/contract-list.ts'

type Fields = Readonly<Record<string, unknown>>

export type Met = {
  /** As in `POST /uploads?a=b`. */
  readonly request: string
  /** What was sent; `undefined` where it is no JSON. */
  readonly body: Fields | undefined
  readonly status: number
  readonly answer: Fields
}

export class Coverage {
  readonly #contract: ContractList
  readonly #met = new Set<string>()
  readonly #strange = new Set<string>()

  constructor(contract: ContractList) {
    this.#contract = contract
  }

  note(met: Met): void {
    for (const code of codesIn(met.answer)) this.#met.add(code)
    const route = this.#routeOf(met.request)
    const endpoint = route === undefined ? undefined : this.#contract.endpoints[route]
    if (route === undefined || endpoint === undefined) return
    const sent = sentIn(met)
    if (met.status === endpoint.status) this.#noteSuccess(route, endpoint, sent, met.answer)
    if (met.status >= 400)
      for (const field of endpoint.needed.filter((name) => !sent.includes(name)))
        this.#met.add(`${route} without ${field}`)
  }

  /** What no call has met, and what calls have met that the contract does not have. */
  gaps(): readonly string[] {
    const { endpoints, codes, onOrder } = this.#contract
    const routes = Object.entries(endpoints).flatMap(([route, { fields, needed }]) => [
      route,
      ...fields.map((field) => `${route} with ${field}`),
      ...needed.map((field) => `${route} without ${field}`),
    ])
    const expected = [...routes, ...Object.keys(codes).filter((code) => !onOrder.includes(code))]
    return [...expected.filter((one) => !this.#met.has(one)), ...this.#strange]
  }

  #noteSuccess(route: string, endpoint: ContractEndpoint, sent: readonly string[], answer: Fields): void {
    this.#met.add(route)
    for (const field of sent) {
      if (endpoint.fields.includes(field)) this.#met.add(`${route} with ${field}`)
      else this.#strange.add(`${route} took ${field}`)
    }
    // In a newer form of the answer the file is one level down.
    if ('kind' in answer) return
    for (const field of endpoint.answer)
      if (!(field in answer)) this.#strange.add(`${route} answered no ${field}`)
  }

  #routeOf(request: string): string | undefined {
    const [plain = ''] = request.split('?')
    const routes = Object.keys(this.#contract.endpoints)
    return routes.find((route) => route === plain) ?? routes.find((route) => patternOf(route).test(plain))
  }
}

function sentIn({ request, body }: Met): readonly string[] {
  const query = new URLSearchParams(request.split('?')[1] ?? '')
  const fields = Object.entries(body ?? {}).filter(([, value]) => value !== undefined)
  return [...query.keys(), ...fields.map(([name]) => name)]
}

function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replace(/:[a-zA-Z]+/g, '[^/]+')}$`)
}

function codesIn({ code, errors }: Fields): readonly string[] {
  const listed: readonly { readonly code?: unknown }[] = Array.isArray(errors) ? errors : []
  return [code, ...listed.map((error) => error.code)].filter((one) => typeof one === 'string')
}
