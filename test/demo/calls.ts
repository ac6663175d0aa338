/** Calls an endpoint by the name that its contract gives it. */

import { contracts } from './contract/contracts.ts'
import { Coverage } from './reference/coverage.ts'

export type Fields = Readonly<Record<string, unknown>>
export type Called = { readonly status: number; readonly body: Fields; readonly headers: Headers }

/**
 * @param endpoint Method and path. Names after a colon are taken from the fields. The other fields go into the body, or
 * into the query if there is no body.
 * @param body The fields, or the body as it is.
 */
export async function call(
  base: string,
  endpoint: string,
  body: Fields | string = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Called> {
  const [method = '', path = ''] = endpoint.split(' ')
  const fields = typeof body === 'string' ? {} : body
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(fields[name])))
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
  const bodyless = method === 'GET' || method === 'DELETE'
  const query = bodyless ? `?${new URLSearchParams(rest as Record<string, string>)}` : ''
  const response = await fetch(base + filled + query, {
    method,
    headers: withoutEmpty({ 'content-type': 'application/json', ...headers }),
    redirect: 'manual',
    ...(bodyless ? {} : { body: typeof body === 'string' ? body : JSON.stringify(rest) }),
  })
  const called = { status: response.status, body: parsed(await response.text()), headers: response.headers }
  const met = { request: endpoint, body: fields, status: called.status, answer: called.body }
  coverageAt(base)?.note(met)
  return called
}

const coverages = contracts.map((contract) => ({ contract, coverage: new Coverage(contract) }))

/** What the calls have met of the contract whose server is running. */
export function coverageAt(base: string): Coverage | undefined {
  return coverages.find(({ contract }) => base.endsWith(contract.mount))?.coverage
}

function withoutEmpty(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
}

function parsed(text: string): Fields {
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}
