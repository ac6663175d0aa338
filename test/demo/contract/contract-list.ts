/**
 * What a contract has, written by hand from its documents: data only, so that it can be printed, and so that a test can
 * tell what of it no test has met.
 */
export type ContractList = {
  readonly name: string
  /** Below the demo's address. */
  readonly mount: string
  /** By method and path. */
  readonly endpoints: Readonly<Record<string, ContractEndpoint>>
  /** The statuses of the codes. */
  readonly codes: Readonly<Record<string, number>>
  /** Endpoints and codes that are not in the document, but in other pages or the source of who made it. */
  readonly found: readonly string[]
  /** Codes that are ours, for what is documented without a code or not at all. */
  readonly assumed: readonly string[]
  /** Codes with a cause that no request is: the reference server answers them on order only. */
  readonly onOrder: readonly string[]
}

export type ContractEndpoint = {
  /** Of success. */
  readonly status: number
  /** What it takes, in the body or the query. */
  readonly fields: readonly string[]
  /** Those of them without which it is refused. */
  readonly needed: readonly string[]
  /** What it answers at least. */
  readonly answer: readonly string[]
}
