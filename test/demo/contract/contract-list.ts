/**
 * A contract, copied by hand from its documents. It is data only, so that it can be printed, and so that a test can
 * tell which rows no test has met.
 */
export type ContractList = {
  readonly name: string
  /** Below the demo's address. */
  readonly mount: string
  /** Keyed by method and path. */
  readonly endpoints: Readonly<Record<string, ContractEndpoint>>
  /** The status of each code. */
  readonly codes: Readonly<Record<string, number>>
  /** Endpoints and codes that are not in the document, but on other pages or in the vendor's source. */
  readonly found: readonly string[]
  /** Codes of our own, for failures that are documented without a code or not at all. */
  readonly assumed: readonly string[]
  /** Codes that no request can cause: the reference server answers them only on order. */
  readonly onOrder: readonly string[]
}

export type ContractEndpoint = {
  /** The status of success. */
  readonly status: number
  /** The fields that it accepts, in the body or the query. */
  readonly fields: readonly string[]
  /** The required ones of these fields. */
  readonly needed: readonly string[]
  /** The fields that an answer has at least. */
  readonly answer: readonly string[]
}
