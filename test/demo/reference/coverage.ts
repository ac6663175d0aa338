/** Records which parts of a contract the calls of tests have met, and which calls are outside the contract. */
import type { ContractEndpoint, ContractList } from '../contract/contract-list.ts'
import { namesIn, rowsOf, type Side } from '../contract/rows.ts'
import { record } from './record.ts'

type Fields = Readonly<Record<string, unknown>>

export type Met = {
  /** Such as `POST /uploads?a=b`, or the endpoint's name in the contract. */
  readonly request: string
  /** The body that was sent; `undefined` if it was not JSON. */
  readonly body: Fields | undefined
  readonly status: number
  readonly answer: Fields
}

export class Coverage {
  readonly #contract: ContractList
  readonly #side: Side
  readonly #met = new Set<string>()
  readonly #strange = new Set<string>()

  /** @param side Whose behaviour the calls show: a reference server's or our client's. */
  constructor(contract: ContractList, side: Side = 'server') {
    this.#contract = contract
    this.#side = side
  }

  note(met: Met): void {
    for (const code of codesIn(met)) this.#meet(code)
    const route = this.#routeOf(met.request)
    const endpoint = route === undefined ? undefined : this.#contract.endpoints[route]
    if (route === undefined || endpoint === undefined) return
    const sent = sentIn(met, route)
    if (met.status === endpoint.status) this.#noteSuccess(route, endpoint, sent, unwrapped(met.answer))
    // A request that lacks several fields may be refused for any of them.
    const [missing, ...more] = endpoint.needed.filter((name) => !sent.includes(name))
    if (met.status >= 400 && missing !== undefined && more.length === 0)
      this.#meet(`${route} without ${missing}`)
  }

  /** What no call has met, and what calls have met outside the contract. */
  gaps(): readonly string[] {
    // No client call can cause what a server does only on order.
    const onOrder = this.#side === 'server' ? this.#contract.onOrder : []
    const expected = rowsOf(this.#contract)
      .filter(({ name, sides }) => sides.includes(this.#side) && !onOrder.includes(name))
      .map(({ name }) => name)
    return [...expected.filter((one) => !this.#met.has(one)), ...this.#strange]
  }

  #meet(row: string): void {
    if (this.#met.has(row)) return
    this.#met.add(row)
    record({ contract: this.#contract.name, side: this.#side, row })
  }

  #noteSuccess(route: string, endpoint: ContractEndpoint, sent: readonly string[], answer: Fields): void {
    this.#meet(route)
    for (const field of sent) {
      if (endpoint.fields.includes(field)) this.#meet(`${route} with ${field}`)
      else if (!namesIn(route).includes(field)) this.#strange.add(`${route} took ${field}`)
    }
    // A newer form of the answer has the file one level deeper.
    if ('kind' in answer) return
    for (const field of endpoint.answer) {
      if (field in answer) this.#meet(`${route} answers ${field}`)
      else this.#strange.add(`${route} answered no ${field}`)
    }
  }

  #routeOf(request: string): string | undefined {
    const [plain = ''] = request.split('?')
    const routes = Object.keys(this.#contract.endpoints)
    return routes.find((route) => route === plain) ?? routes.find((route) => patternOf(route).test(plain))
  }
}

/** In the path, the query and the body. Some bodies have everything one level deeper. */
function sentIn({ request, body = {} }: Met, route: string): readonly string[] {
  const query = new URLSearchParams(request.split('?')[1] ?? '')
  const fields = isFields(body['blob']) ? body['blob'] : body
  const names = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  return [...new Set([...namesIn(route), ...query.keys(), ...names])]
}

/** A key stands last, because it may have slashes. */
function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replace(/:key$/, '.+').replace(/:[a-z_A-Z]+/g, '[^/]+')}$`)
}

/** In every form in which contracts have codes. A contract without codes uses the statuses. */
function codesIn({ status, answer: { code, error, error_code, errors } }: Met): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(errors) ? errors : []
  const nested = [error, ...listed].filter(isFields).map((one) => one['code'])
  const codes = [code, error, error_code, ...nested].filter((one) => typeof one === 'string')
  return status >= 400 ? [...codes, String(status)] : codes
}

/** Some servers wrap every answer as `{ success, data }`. */
function unwrapped(answer: Fields): Fields {
  return answer['success'] === true && isFields(answer['data']) ? answer['data'] : answer
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
