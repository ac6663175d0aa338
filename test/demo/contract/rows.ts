/** The rows of a contract. A row that no test meets is a gap. */
import type { ContractList } from './contract-list.ts'

export type Side = 'server' | 'client'

export type Row = {
  /** Such as `POST /uploads`, `POST /uploads with checksum`, `POST /uploads answers uploadId`, `UPLOAD_EXPIRED`. */
  readonly name: string
  /** Who can meet it. Refusals and answers are the server's. */
  readonly sides: readonly Side[]
}

const both: readonly Side[] = ['server', 'client']
const server: readonly Side[] = ['server']

export function rowsOf({ endpoints, codes }: ContractList): readonly Row[] {
  const ofEndpoints = Object.entries(endpoints).flatMap(([route, { fields, needed, answer }]) => [
    { name: route, sides: both },
    ...fields.map((field) => ({ name: `${route} with ${field}`, sides: both })),
    // A field in the path cannot be left out.
    ...needed
      .filter((field) => !namesIn(route).includes(field))
      .map((field) => ({ name: `${route} without ${field}`, sides: server })),
    ...answer.map((field) => ({ name: `${route} answers ${field}`, sides: server })),
  ])
  return [...ofEndpoints, ...Object.keys(codes).map((code) => ({ name: code, sides: both }))]
}

/** The names that stand for values in a path, such as `:uploadId`. */
export function namesIn(route: string): readonly string[] {
  return [...route.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
}
